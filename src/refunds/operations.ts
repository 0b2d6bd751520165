import { z } from 'zod';
import { idPage, moneySchema, operation, pageSchema } from '../http/operation.ts';
import { REFUND_REASONS, REFUND_STATUSES } from './refund.ts';

const AMOUNT_MAX = 99_999_999;
const YES_OR_NO = 'must be true or false';
const tag = 'Refunds';

const refund = z
  .object({
    id: z.string(),
    order: z.string(),
    status: z
      .enum(REFUND_STATUSES)
      .describe('requested: not yet at Stripe; refused: Stripe would not make it'),
    amount: moneySchema,
    reason: z.string().nullable(),
    reverse_transfer: z.boolean().describe('Those who were paid give back their part'),
    refund_application_fee: z.boolean(),
    failure_reason: z.string().nullable(),
    stripe_refund: z.string().nullable(),
    stripe_account: z.string().nullable().describe('The connected account it is made on; null is our own'),
    source: z.enum(['api', 'stripe']).describe('Asked for here, or made in Stripe’s Dashboard'),
    livemode: z.boolean(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Refund', description: 'A payment, or a part of it, that is given back' });

const preview = z
  .object({
    order: z.string(),
    amount: moneySchema.describe('What the buyer gets'),
    left: moneySchema.describe('What could still be given back after it'),
    reverse_transfer: z.boolean(),
    refund_application_fee: z.boolean(),
    platform: z.int().describe('What the platform bears of it'),
    fee_returned: z
      .int()
      .describe('What of that Stripe takes from the fee it had collected for the platform'),
    shares: z
      .array(z.object({ seller: z.string().describe('Your reference of the seller'), amount: z.int() }))
      .describe('What each seller bears of it'),
  })
  .meta({
    id: 'RefundPreview',
    description: 'What a refund would do, in minor units of its currency. Stripe keeps its own fees.',
  });

export type RefundPreview = z.input<typeof preview>;

const body = z.strictObject({
  amount: z
    .int({ error: 'must be a whole number of minor units' })
    .min(1, 'must be at least 1')
    .max(AMOUNT_MAX, `must be at most ${AMOUNT_MAX}`)
    .optional()
    .describe('Minor units of the order’s currency; without it, all that is left'),
  reason: z.enum(REFUND_REASONS).optional(),
  reverse_transfer: z.boolean({ error: YES_OR_NO }).optional(),
  refund_application_fee: z.boolean({ error: YES_OR_NO }).optional(),
});

export type RefundBody = z.output<typeof body>;

const bodyExample = '{"amount":500}, or {} for all';
const notNow = [
  'order_not_found',
  'livemode_mismatch',
  'stripe_not_configured',
  'order_not_paid',
  'already_refunded',
  'refund_exceeds_payment',
];

export const REFUND_ORDER = operation({
  id: 'refundOrder',
  method: 'POST',
  path: '/api/orders/{id}/refunds',
  tag,
  summary: 'Give a payment back, or a part of it',
  description:
    'Answers 202 while Stripe could not be asked or has not answered: it is tried again until it has.',
  role: 'operator',
  body,
  bodyExample,
  idempotent: true,
  answer: refund,
  statuses: [201, 202],
  problems: [...notNow, 'idempotency_key_reused', 'order_disputed', 'insufficient_balance', 'refund_refused'],
});

export const PREVIEW_REFUND = operation({
  id: 'previewRefund',
  method: 'POST',
  path: '/api/orders/{id}/refunds/preview',
  tag,
  summary: 'What a refund would do to the platform and to each seller',
  description: 'Changes nothing. Stripe is not asked, so what it would refuse is not known here.',
  role: 'viewer',
  body,
  bodyExample,
  bodyOptional: true,
  audited: false,
  answer: preview,
  problems: notNow,
});

export const LIST_REFUNDS = operation({
  id: 'listRefunds',
  method: 'GET',
  path: '/api/orders/{id}/refunds',
  tag,
  summary: 'The refunds of an order, oldest first',
  role: 'viewer',
  query: z.strictObject(idPage),
  answer: pageSchema(refund),
  problems: ['order_not_found'],
});

export const GET_REFUND = operation({
  id: 'getRefund',
  method: 'GET',
  path: '/api/orders/{id}/refunds/{refund}',
  tag,
  summary: 'One refund of an order',
  role: 'viewer',
  answer: refund,
  problems: ['refund_not_found'],
});
