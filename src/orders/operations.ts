import { z } from 'zod';
import {
  accountFilter,
  idPage,
  isTime,
  livemodeFilter,
  operation,
  pageSchema,
  timeSchema,
} from '../http/operation.ts';
import { isStorable, UNSTORABLE } from '../http/request.ts';
import { ORDER_STATUSES } from './order.ts';
import { buyersOrderSchema, orderSchema, orderWithSharesSchema, storySchema } from './schemas.ts';

const NOTE_CHARACTERS_MAX = 2_000;
const tag = 'Orders';

const text = z.string().min(1).max(255).nullable().default(null);
const moment = z
  .union([timeSchema, z.iso.date().refine(isTime)], 'must be a date or a time, as ISO 8601 writes it')
  .nullable()
  .default(null);

const filter = {
  search: text.describe('Ours or Stripe’s id, an amount, or how the buyer’s address begins'),
  id: text.describe('An order’s id, or how it begins'),
  email: text.describe('The buyer’s address, or how it begins, in upper or lower case'),
  amount: z.coerce.number().int().min(1).nullable().default(null).describe('Exactly, in minor units'),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'must be three lower-case letters')
    .nullable()
    .default(null),
  status: z.enum(ORDER_STATUSES).nullable().default(null),
  product: text.describe('Also in carts'),
  account: accountFilter.describe('The account of a seller who has a part of it'),
  livemode: livemodeFilter,
  payment_intent: text,
  checkout_session: text,
  charge: text,
  created_from: moment,
  created_to: moment.describe('Not this moment itself'),
  paid_from: moment,
  paid_to: moment.describe('Not this moment itself'),
};

export const LIST_ORDERS = operation({
  id: 'listOrders',
  method: 'GET',
  path: '/api/orders',
  tag,
  summary: 'List and search orders, newest first',
  role: 'viewer',
  query: z.strictObject({ ...filter, ...idPage }),
  answer: pageSchema(orderSchema),
});

export const EXPORT_ORDERS = operation({
  id: 'exportOrders',
  method: 'GET',
  path: '/api/exports/orders',
  tag,
  summary: 'Orders as CSV, newest first',
  role: 'viewer',
  query: z.strictObject(filter),
  answer: 'text/csv',
});

export const GET_ORDER = operation({
  id: 'getOrder',
  method: 'GET',
  path: '/api/orders/{id}',
  tag,
  summary: 'One order',
  description:
    'The order’s own token opens it too, as `Authorization: Bearer …` or `?token=`. A buyer is told ' +
    'nothing of sellers, fees and problems.',
  role: 'viewer',
  answer: z.union([orderWithSharesSchema, buyersOrderSchema]),
  problems: ['order_not_found'],
});

export const WATCH_ORDER = operation({
  id: 'watchOrder',
  method: 'GET',
  path: '/api/orders/{id}/events',
  tag,
  summary: 'One order’s changes, as they happen',
  description: 'As its buyer sees it. The order’s own token opens it too.',
  role: 'viewer',
  answer: 'text/event-stream',
  problems: ['order_not_found'],
});

export const GET_ORDER_TIMELINE = operation({
  id: 'getOrderTimeline',
  method: 'GET',
  path: '/api/orders/{id}/timeline',
  tag,
  summary: 'Everything that happened to an order, from the beginning to now',
  role: 'viewer',
  answer: storySchema,
  problems: ['order_not_found'],
});

const actionProblems = [
  'order_not_found',
  'livemode_mismatch',
  'stripe_not_configured',
  'stripe_unavailable',
  'order_not_paid',
  'fulfil_failed',
];

export const REVIEW_ORDER = operation({
  id: 'reviewOrder',
  method: 'POST',
  path: '/api/orders/{id}/review',
  tag,
  summary: 'Note that somebody looked at an order in review, and fulfil it after all',
  description:
    'Without `fulfil` the order stays in review and says when it was looked at. With `fulfil: true` what ' +
    'was wrong with its payment is taken as it is: Stripe is asked once more, and if the money is here the ' +
    'order is paid, sellers get what was ordered for them, and it is fulfilled. What was refunded or ' +
    'disputed meanwhile is not. Answers the order as it is then.',
  role: 'operator',
  body: z.strictObject({
    note: z
      .string()
      .trim()
      .min(1, 'must say what you found')
      .max(NOTE_CHARACTERS_MAX)
      .refine(isStorable, UNSTORABLE),
    fulfil: z.boolean().default(false),
  }),
  bodyExample: '{"note":"The buyer paid the rest in cash","fulfil":true}',
  answer: orderSchema,
  problems: [...actionProblems, 'order_not_in_review'],
});

export const FULFIL_ORDER = operation({
  id: 'fulfilOrder',
  method: 'POST',
  path: '/api/orders/{id}/fulfil',
  tag,
  summary: 'Fulfil a paid order now, or one that is fulfilled once more',
  description:
    'For an order that is paid and not fulfilled: Stripe is asked and `fulfil` is run now. For one that is ' +
    'fulfilled it runs once more only with `again: true`: what it does, it does twice.',
  role: 'operator',
  body: z.strictObject({ again: z.boolean().default(false) }),
  bodyOptional: true,
  bodyExample: '{"again":true}, or {}',
  answer: orderSchema,
  problems: [...actionProblems, 'order_fulfilled', 'order_in_review', 'order_given_back'],
});
