import type { Money } from '../money.ts';

/**
 * Where an order stands. Money facts only move forward: what is paid is never unpaid again.
 * `failed` and `expired` are not final: a payment that Stripe reports later still counts.
 */
export type OrderStatus =
  | 'pending'
  | 'processing'
  | 'failed'
  | 'expired'
  | 'paid'
  | 'fulfilled'
  | 'refunded'
  | 'disputed'
  | 'review';

/** An order as the API, the pages and `fulfil` see it. Times are ISO 8601. */
export interface Order {
  id: string;
  status: OrderStatus;
  product: string;
  quantity: number;
  amount: Money;
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
  account: string;
  product_name: string;
  problem: string | null;
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

/** The public part of an order, as `GET /api/orders/:id` answers it. */
export function publicOrder(order: Order): Omit<Order, 'email'> {
  const { id, status, product, quantity, amount, livemode } = order;
  const { checkout_session, payment_intent, created_at, paid_at, fulfilled_at } = order;
  return {
    id,
    status,
    product,
    quantity,
    amount,
    livemode,
    checkout_session,
    payment_intent,
    created_at,
    paid_at,
    fulfilled_at,
  };
}
