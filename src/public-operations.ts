import { z } from 'zod';
import { PAYMENT_CODES } from './checkout/problems.ts';
import { cartSchema, oneSchema } from './checkout/request.ts';
import type { PublicOperation } from './http/operation.ts';

const BUYERS = { tag: 'Buyers and shops', who: 'anyone' };
const STRIPE = { tag: 'Stripe', who: 'Stripe, by its signature' };
const MACHINES = { tag: 'Machines', who: 'anyone', method: 'GET' } as const;

const event = z
  .looseObject({ id: z.string(), type: z.string() })
  .meta({ id: 'StripeEvent', description: 'A snapshot or a thin event, byte for byte as Stripe signed it' });

const received = {
  ...STRIPE,
  method: 'POST',
  body: event,
  answer: z.object({ received: z.literal(true) }),
  problems: [
    'missing_signature',
    'invalid_signature',
    'stale_timestamp',
    'method_not_allowed',
    'storage_unavailable',
    'not_configured',
  ],
} as const;

/** The addresses that are not for operators: described for those who call them. */
export const PUBLIC_OPERATIONS: readonly PublicOperation[] = [
  {
    ...BUYERS,
    id: 'createPaymentLink',
    method: 'POST',
    path: '/api/create-payment-link',
    summary: 'An order, and the address at Stripe where it is paid',
    description:
      'The price is the product’s. Send the buyer to `url`; the token lets them see this one order.',
    body: z.union([oneSchema, cartSchema]),
    bodyExample: '{"id":"coffee","quantity":2}',
    idempotent: true,
    answer: z.object({
      message: z.string(),
      data: z.object({ url: z.string(), order_id: z.string(), order_token: z.string() }),
    }),
    statuses: [201],
    problems: PAYMENT_CODES,
  },
  {
    ...BUYERS,
    id: 'createPayment',
    method: 'POST',
    path: '/pay/{product}',
    summary: 'An order, to be paid in Stripe’s Payment Element on a page of yours',
    body: oneSchema.omit({ id: true }),
    bodyExample: '{"quantity":1}',
    idempotent: true,
    answer: z.object({
      message: z.string(),
      data: z.object({
        client_secret: z.string(),
        stripe_account: z.string().nullable().describe('For Stripe.js, when the payment is a seller’s own'),
        order_id: z.string(),
        order_token: z.string(),
      }),
    }),
    statuses: [201],
    problems: PAYMENT_CODES,
  },
  {
    ...received,
    id: 'receiveEvent',
    path: '/api/webhook',
    summary: 'Events of the own account, and thin events',
    description: 'Answers after the commit. Stripe repeats what was answered otherwise than by 200.',
  },
  {
    ...received,
    id: 'receiveConnectEvent',
    path: '/api/webhook/connect',
    summary: 'Events of connected accounts',
  },
  {
    ...MACHINES,
    id: 'isAlive',
    path: '/healthz',
    summary: 'The process lives',
    answer: z.object({ status: z.literal('ok') }),
  },
  {
    ...MACHINES,
    id: 'isReady',
    path: '/readyz',
    summary: 'Whether the process can do its work: 503 when not, with why',
    answer: z.object({
      ready: z.boolean(),
      checks: z.record(z.string(), z.object({ ok: z.boolean(), why: z.string().optional() })),
    }),
    statuses: [200, 503],
  },
  {
    ...MACHINES,
    id: 'getMetrics',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    answer: 'text/plain',
  },
];
