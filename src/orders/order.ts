import type { z } from 'zod';
import type { Money } from '../money.ts';
import type { buyersOrderSchema, orderSchema } from './schemas.ts';

export const ORDER_STATUSES = [
  'pending',
  'processing',
  'failed',
  'expired',
  'paid',
  'fulfilled',
  'refunded',
  'disputed',
  'review',
] as const;

/**
 * Where an order stands. Money facts only move forward: what is paid is never unpaid again.
 * `failed` and `expired` are not final: a payment that Stripe reports later still counts.
 */
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** One line of an order, as it was when it was ordered. Amounts are in the order's currency. */
export interface OrderItem {
  product: string;
  name: string;
  quantity: number;
  unit_amount: number;
  amount: number;
  /** The platform's reference of the seller; null for what the platform sells itself. */
  seller: string | null;
  /** What the platform keeps of it. */
  fee: number;
}

/**
 * Whose charge the payment is. `platform`: ours, for ourselves. `destination`: ours, and Stripe sends it on
 * to one seller, less the fee. `separate`: ours, and each seller gets a transfer. `direct`: the seller's own.
 */
export type ChargeType = (typeof CHARGE_TYPES)[number];
export const CHARGE_TYPES = ['platform', 'destination', 'separate', 'direct'] as const;

/** An order as the API, the pages and `fulfil` see it. Times are ISO 8601. */
export interface Order {
  id: string;
  status: OrderStatus;
  /** Null when the order has more than one line: then `items` say what it is. */
  product: string | null;
  /** Of all items together. */
  quantity: number;
  items: OrderItem[];
  amount: Money;
  /** How much of it was given back, in minor units, refunds on their way included. */
  refunded: number;
  livemode: boolean;
  email: string | null;
  checkout_session: string | null;
  payment_intent: string | null;
  created_at: string;
  paid_at: string | null;
  fulfilled_at: string | null;
}

/** An order with what only we need. */
export interface OrderRow extends Order {
  /** The Stripe account it is paid on: `''` is ours, a direct charge's is the seller's. */
  account: string;
  product_name: string | null;
  charge_type: ChargeType;
  /** The account of the one seller of a destination or direct charge. */
  destination: string | null;
  on_behalf_of: boolean;
  /** What the platform keeps of what sellers sold. */
  fee: number;
  /** Stripe's charge (`ch_…`, `py_…`), once there is one. */
  charge: string | null;
  /** `inquiry`: the bank only asks, the money is here. */
  dispute_state: 'inquiry' | 'open' | 'lost' | 'won' | null;
  problem: string | null;
  /** Problems of the payment that a person has taken as they are. */
  accepted: string[];
  reviewed_at: string | null;
  ui: CheckoutUi;
  request_hash: string;
  checkout_params: Record<string, unknown>;
  checkout_attempt: number;
  checkout_tried_at: string | null;
  checkout_url: string | null;
  version: number;
}

/** Stripe's page, or the Payment Element on ours. */
export type CheckoutUi = 'hosted_page' | 'elements';

/** What a buyer may see of an order, as `GET /api/orders/:id` answers it: nothing of sellers and fees. */
export function publicOrder(order: Order): z.input<typeof buyersOrderSchema> {
  const { id, status, product, quantity, amount, refunded, livemode } = order;
  const { checkout_session, payment_intent, created_at, paid_at, fulfilled_at } = order;
  return {
    id,
    status,
    product,
    quantity,
    items: order.items.map(({ seller: _seller, fee: _fee, ...item }) => item),
    amount,
    refunded,
    livemode,
    checkout_session,
    payment_intent,
    created_at,
    paid_at,
    fulfilled_at,
  };
}

/** What the platform's own programs and its operators see. */
export function wholeOrder(order: OrderRow): z.input<typeof orderSchema> {
  const { items, email, charge_type, destination, on_behalf_of, fee, charge } = order;
  const { dispute_state, problem, reviewed_at } = order;
  return {
    ...publicOrder(order),
    items,
    email,
    stripe_account: order.account || null,
    charge_type,
    destination,
    on_behalf_of,
    fee,
    charge,
    dispute_state,
    problem,
    reviewed_at,
  };
}
