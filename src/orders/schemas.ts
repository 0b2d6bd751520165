import { z } from 'zod';
import { moneySchema } from '../http/operation.ts';
import { CHARGE_TYPES, ORDER_STATUSES } from './order.ts';

const buyersItem = {
  product: z.string(),
  name: z.string(),
  quantity: z.int(),
  unit_amount: z.int(),
  amount: z.int(),
};

const times = {
  created_at: z.iso.datetime(),
  paid_at: z.iso.datetime().nullable(),
  fulfilled_at: z.iso.datetime().nullable(),
};

const facts = {
  id: z.string(),
  status: z.enum(ORDER_STATUSES),
  product: z.string().nullable().describe('Null when there are several items'),
  quantity: z.int().describe('Of all items together'),
  amount: moneySchema,
  refunded: z.int().describe('Given back, in minor units, refunds on their way included'),
  livemode: z.boolean(),
  checkout_session: z.string().nullable(),
  payment_intent: z.string().nullable(),
};

/** What a buyer may see of an order: nothing of sellers and fees. */
export const buyersOrderSchema = z
  .object({ ...facts, items: z.array(z.object(buyersItem)), ...times })
  .meta({ id: 'BuyersOrder', description: 'An order as its buyer sees it' });

const item = z.object({
  ...buyersItem,
  seller: z.string().nullable().describe('Your reference of the seller; null for your own'),
  fee: z.int().describe('What the platform keeps of it'),
});

const whole = {
  ...facts,
  items: z.array(item),
  ...times,
  email: z.string().nullable().describe('The buyer’s, from the request or typed at Stripe'),
  stripe_account: z.string().nullable().describe('The connected account it is paid on; null is our own'),
  charge_type: z.enum(CHARGE_TYPES),
  destination: z
    .string()
    .nullable()
    .describe('The account of the one seller of a destination or direct charge'),
  on_behalf_of: z.boolean(),
  fee: z.int().describe('What the platform keeps of what sellers sold'),
  charge: z.string().nullable(),
  dispute_state: z.enum(['inquiry', 'open', 'lost', 'won']).nullable(),
  problem: z
    .string()
    .nullable()
    .describe('Why it is in review, why the last payment failed, or why fulfil did'),
  reviewed_at: z.iso.datetime().nullable().describe('When somebody looked at it last'),
};

/** An order as the platform's own programs and its operators see it. */
export const orderSchema = z
  .object(whole)
  .meta({ id: 'Order', description: 'Something that is or was sold' });

const share = z
  .object({
    seller: z.string().describe('Your reference of the seller'),
    seller_id: z.string().describe('Ours, sel_…'),
    amount: z.int(),
    fee: z.int(),
    transfer: z.string().nullable(),
    withheld: z.int().describe('Refunded before it was transferred'),
    reversed: z.int().describe('Taken back since'),
    given_again: z.int().describe('Transferred once more, since a refund failed or a dispute was won'),
  })
  .meta({ id: 'OrderShare', description: 'A seller’s part of an order, in minor units of its currency' });

/** The same with what each seller gets of it. */
export const orderWithSharesSchema = z
  .object({ ...whole, shares: z.array(share) })
  .meta({ id: 'OrderWithShares', description: 'An order, and each seller’s part of it' });

export type PublicShare = z.input<typeof share>;

const STORY_KINDS = [
  'created',
  'session',
  'attempt',
  'event',
  'status',
  'paid',
  'fulfilled',
  'movement',
  'refund',
  'dispute',
  'warning',
  'review',
  'action',
  'job',
] as const;

const storyLine = z
  .object({
    at: z.iso.datetime(),
    kind: z.enum(STORY_KINDS),
    text: z.string().describe('What happened, in words'),
    detail: z.string().nullable().describe('Why, or what to do about it'),
    tone: z.enum(['neutral', 'good', 'bad', 'waiting']),
    amount: moneySchema.nullable(),
    by: z.string().nullable().describe('Who did it, when a person or a program of yours did'),
    event: z.string().nullable().describe('The event that told it, evt_…'),
    object: z.string().nullable().describe('Its own id: a refund’s, a movement’s, a dispute’s, Stripe’s'),
  })
  .meta({ id: 'OrderStoryLine', description: 'One thing that happened to an order' });

export type StoryLine = z.input<typeof storyLine>;

export const storySchema = z.object({
  data: z.array(storyLine).describe('From the beginning to now'),
  truncated: z.boolean().describe('True when it has more events than are shown'),
});
