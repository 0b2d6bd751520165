import { z } from 'zod';
import { moneySchema, operation } from '../http/operation.ts';
import { payoutRequestSchema } from './ask.ts';
import { PAYOUT_STATUSES } from './payout.ts';
import { scheduleSchema } from './schedule-request.ts';
import { monthSchema } from './statement/month.ts';

// A page is one of Stripe's.
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

const tag = 'Money of sellers';
const reading = { method: 'GET', tag, role: 'viewer' } as const;
const doing = { method: 'POST', tag, role: 'operator' } as const;
const OF_SELLER = [
  'seller_not_found',
  'seller_not_ready',
  'seller_disconnected',
  'stripe_not_configured',
  'stripe_unavailable',
  'stripe_rejected',
];
const OF_STATEMENT = ['statements_busy', 'account_busy'];

const balance = z
  .object({
    currency: z.string(),
    available: z.int().describe('Can be paid out. Negative when the seller owes'),
    pending: z.int().describe('Becomes available later'),
    instant_available: z.int().describe('What an instant payout could pay, fees taken off'),
  })
  .meta({ id: 'Balance', description: 'What a seller has of one currency, in minor units' });

const payout = z
  .object({
    id: z.string(),
    seller: z.string().nullable(),
    amount: moneySchema,
    status: z
      .enum(PAYOUT_STATUSES)
      .describe('`paid` is what Stripe expects of the bank: days later it can become `failed`'),
    method: z.string(),
    automatic: z.boolean().describe('Made by the schedule'),
    arrival_date: z.string().nullable(),
    failure: z.object({ code: z.string(), message: z.string(), advice: z.string() }).nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Payout', description: 'Money on its way to a seller’s bank' });

const asked = z.union([
  payout.extend({ movement: z.string() }).meta({ id: 'PayoutMade' }),
  z
    .object({
      id: z.null(),
      status: z.literal('requested'),
      amount: moneySchema,
      movement: z.string(),
    })
    .meta({ id: 'PayoutRequested', description: 'Not yet at Stripe. It goes on by itself' }),
]);

const schedule = z
  .object({
    interval: z.string().describe('`daily`, `weekly`, `monthly`, or `manual`: only on request'),
    weekly_payout_days: z.array(z.string()),
    monthly_payout_days: z.array(z.int()),
    delay_days: z.int().describe('Days until a payment’s money is available'),
    source: z.enum(['balance_settings', 'account']).describe('Which of Stripe’s APIs it was read from'),
  })
  .meta({ id: 'PayoutSchedule', description: 'When a seller’s money is paid out' });

export const GET_SELLER_BALANCE = operation({
  ...reading,
  id: 'getSellerBalance',
  path: '/api/connect/sellers/{id}/balance',
  summary: 'What a seller has at Stripe now, by currency',
  answer: z.object({ seller: z.string(), data: z.array(balance) }),
  problems: OF_SELLER,
});

export const LIST_SELLER_PAYOUTS = operation({
  ...reading,
  id: 'listSellerPayouts',
  path: '/api/connect/sellers/{id}/payouts',
  summary: 'Payouts of a seller, newest first, from Stripe',
  query: z.strictObject({
    status: z.enum(PAYOUT_STATUSES).nullable().default(null),
    after: z
      .string()
      .regex(/^po_\w{1,250}$/, 'must be the id of a payout: po_…')
      .nullable()
      .default(null)
      .describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('How many at most'),
  }),
  answer: z.object({
    data: z.array(payout),
    next: z.string().nullable().describe('`after` of the next page; null at the end'),
    stale: z.boolean().describe('Stripe did not answer: as it last told'),
  }),
  problems: OF_SELLER,
});

export const MAKE_PAYOUT = operation({
  ...doing,
  id: 'makePayout',
  path: '/api/connect/sellers/{id}/payouts',
  summary: 'Pay a seller out',
  description:
    'Without an amount: all that is available. One Idempotency-Key is one payout. 202 when Stripe did not ' +
    'answer: it goes on by itself, and the same key tells how it went.',
  body: payoutRequestSchema,
  bodyExample: '{"amount":1000,"currency":"usd"}',
  idempotent: true,
  answer: asked,
  statuses: [201, 202],
  problems: [
    ...OF_SELLER,
    'managed_by_seller',
    'idempotency_key_reused',
    'insufficient_balance',
    'instant_not_eligible',
    'payouts_not_enabled',
    'payout_limit_exceeded',
    'amount_too_small',
    'amount_too_large',
    'no_bank_account',
    'instant_limit_exceeded',
  ],
});

export const GET_SELLER_SCHEDULE = operation({
  ...reading,
  id: 'getSellerSchedule',
  path: '/api/connect/sellers/{id}/schedule',
  summary: 'When a seller is paid out',
  answer: schedule,
  problems: OF_SELLER,
});

export const CHANGE_SELLER_SCHEDULE = operation({
  ...doing,
  method: 'PUT',
  id: 'changeSellerSchedule',
  path: '/api/connect/sellers/{id}/schedule',
  summary: 'Change when a seller is paid out',
  body: scheduleSchema,
  bodyExample: '{"interval":"daily"}',
  answer: schedule,
  problems: [...OF_SELLER, 'managed_by_seller'],
});

export const MAKE_LOGIN_LINK = operation({
  ...doing,
  id: 'makeLoginLink',
  path: '/api/connect/sellers/{id}/login-link',
  summary: 'A way into the seller’s Express Dashboard, good once',
  answer: z
    .object({ url: z.string(), created_at: z.iso.datetime() })
    .meta({ id: 'LoginLink', description: 'Whoever has the address is in' }),
  statuses: [201],
  problems: [...OF_SELLER, 'no_express_dashboard'],
});

const statement = {
  ...reading,
  query: z.strictObject({ month: monthSchema, format: z.enum(['csv', 'json']).default('csv') }),
  answer: 'text/csv',
} as const;

export const GET_SELLER_STATEMENT = operation({
  ...statement,
  id: 'getSellerStatement',
  path: '/api/connect/sellers/{id}/statement',
  summary: 'A month of a seller’s money, line by line',
  description: 'The sums of the lines and of the balances agree. As JSON with `format=json`.',
  problems: [...OF_SELLER, ...OF_STATEMENT],
});

export const GET_PLATFORM_STATEMENT = operation({
  ...statement,
  id: 'getPlatformStatement',
  path: '/api/connect/statement',
  summary: 'A month of the platform’s own money, line by line',
  description: 'As JSON with `format=json`.',
  problems: [...OF_STATEMENT, 'stripe_not_configured', 'stripe_unavailable', 'stripe_rejected'],
});
