import { z } from 'zod';
import { accountFilter, livemodeFilter, moneySchema, operation } from '../http/operation.ts';
import { isTimeZone } from './calendar.ts';

const DAYS = ['30', '90'] as const;

const tz = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone by its IANA name, for example Europe/Berlin')
  .default('UTC')
  .describe('Where days begin and end: a time zone by its IANA name');

const question = { livemode: livemodeFilter, account: accountFilter, tz };
const asked = { livemode: z.boolean(), account: z.string().nullable(), tz: z.string() };

const paid = z.object({ amount: moneySchema, payments: z.int() });

const success = z
  .object({
    tried: z.int().describe('Orders that were paid, or whose last payment attempt failed'),
    paid: z.int(),
  })
  .meta({
    id: 'PaymentSuccess',
    description: 'Of the orders begun in this time: how many were tried to be paid, and how many were paid',
  });

const today = z
  .object({
    ...asked,
    date: z.iso.date(),
    last_week_date: z.iso.date().describe('The same weekday a week before'),
    revenue: z
      .array(
        z.object({
          currency: z.string(),
          ...paid.shape,
          average: moneySchema.nullable().describe('Of an order; null without one'),
          refunded: moneySchema.describe(
            'Refunds made today, of whatever day’s orders; not taken off `amount`',
          ),
          refunds: z.int(),
          last_week: paid.describe('The whole of that day'),
          last_week_so_far: paid.describe('Up to the same time of day'),
        }),
      )
      .describe('One for each currency; amounts of orders by the time they were paid. Never added up'),
    success,
    disputes_open: z.int(),
    next_deadline: z
      .object({ dispute: z.string(), due_by: z.iso.datetime() })
      .nullable()
      .describe('The dispute that has to be answered next'),
    sellers_not_ready: z.int(),
    orders_in_review: z.int(),
    has_payments: z.boolean().describe('False in a shop where nothing has been paid yet'),
    alarms: z
      .array(
        z.object({
          code: z.string(),
          subject: z.string(),
          detail: z.string(),
          count: z.int(),
          last_at: z.iso.datetime(),
        }),
      )
      .describe('Those of the last 24 hours, the latest first, 20 at most; of both modes'),
  })
  .meta({ id: 'Today', description: 'How the day goes, in one mode' });

export const GET_TODAY = operation({
  id: 'getToday',
  method: 'GET',
  path: '/api/today',
  tag: 'Today',
  summary: 'Revenue of today against a week ago, and what waits for somebody',
  description:
    'With `account`: of orders that are for this seller, its share of them; refunds are the whole order’s.',
  role: 'viewer',
  query: z.strictObject(question),
  answer: today,
});

export const WATCH_TODAY = operation({
  id: 'watchToday',
  method: 'GET',
  path: '/api/today/events',
  tag: 'Today',
  summary: 'The same as a stream: `today` now and whenever something of it changes',
  role: 'viewer',
  query: z.strictObject(question),
  answer: 'text/event-stream',
  problems: ['too_many_streams'],
});

const period = {
  ...question,
  days: z.enum(DAYS).transform(Number).default(30).describe('How many, today included'),
};

export const GET_REVENUE = operation({
  id: 'getRevenue',
  method: 'GET',
  path: '/api/revenue',
  tag: 'Today',
  summary: 'Revenue by day',
  role: 'viewer',
  query: z.strictObject(period),
  answer: z
    .object({
      ...asked,
      success,
      data: z.array(
        z.object({
          date: z.iso.date(),
          revenue: z
            .array(z.object({ ...paid.shape, refunded: moneySchema }))
            .describe('One for each currency of that day'),
        }),
      ),
    })
    .meta({ id: 'Revenue', description: 'Each day with what was paid and what was refunded' }),
});

export const EXPORT_REVENUE = operation({
  id: 'exportRevenue',
  method: 'GET',
  path: '/api/exports/revenue',
  tag: 'Today',
  summary: 'Revenue by day as CSV: a line for each day and currency',
  role: 'viewer',
  query: z.strictObject(period),
  answer: 'text/csv',
});

const health = z
  .object({
    livemode: z.boolean(),
    events: z.object({
      per_minute: z
        .array(z.object({ minute: z.iso.datetime(), count: z.int() }))
        .describe('Accepted at the webhook entrances, for each minute of the last hour'),
      waiting: z.int().describe('Stored and not handled yet'),
      oldest_received_at: z.iso
        .datetime()
        .nullable()
        .describe('When the longest waiting one came, of those that are due'),
      retrying: z.int(),
      dead: z.int(),
      quarantined: z.int(),
    }),
    counted_max: z.int().describe('`dead` and `quarantined` are counted among the latest so many'),
    refused: z
      .array(z.object({ endpoint: z.string(), reason: z.string(), count: z.int() }))
      .describe('Webhook requests refused in the last 24 hours; of both modes, since they can’t be trusted'),
    reconcile: z
      .object({ finished_at: z.iso.datetime().nullable(), complete_until: z.iso.datetime() })
      .nullable()
      .describe('How far Stripe’s own list of events was read; null when it never was'),
    processes: z.array(z.object({ role: z.string(), started_at: z.iso.datetime() })),
    jobs: z.object({ queued: z.int(), running: z.int(), retrying: z.int(), failed: z.int() }),
  })
  .meta({ id: 'Health', description: 'Whether events get through, in one mode' });

export const GET_HEALTH = operation({
  id: 'getHealth',
  method: 'GET',
  path: '/api/health',
  tag: 'Today',
  summary: 'Whether events get through: what waits, fails and was refused',
  role: 'viewer',
  query: z.strictObject({ livemode: livemodeFilter }),
  answer: health,
});
