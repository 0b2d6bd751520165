import type { Read } from '../http/request.ts';
import type { OrderRow } from '../orders/order.ts';
import * as problems from './problems.ts';
import { isTaken, type RefundRow } from './refund.ts';
import { bearingOf, type Bearing, type RefundRequest } from './request.ts';

/** A refund that may be made. */
export interface Allowed {
  bearing: Bearing;
  /** What the buyer gets, in minor units. */
  value: number;
  /** What is left to be given back after it. */
  left: number;
}

/** Whether a refund may be asked of Stripe, and of how much: one place for asking and for previewing. */
export function allowedOf(
  order: OrderRow,
  request: RefundRequest,
  { refunds, livemode }: { refunds: readonly RefundRow[]; livemode: boolean },
): Read<Allowed> {
  if (order.livemode !== livemode) return { problem: problems.OTHER_MODE };
  if (order.paid_at === null || order.payment_intent === null) return { problem: problems.NOT_PAID };
  const bearing = bearingOf(order, request);
  if ('problem' in bearing) return bearing;
  const left = leftOf(order, refunds);
  const value = request.amount ?? left;
  if (left <= 0) return { problem: problems.ALREADY_REFUNDED };
  if (value > left) return { problem: problems.exceeds({ value: left, currency: order.amount.currency }) };
  return { value: { bearing: bearing.value, value, left: left - value } };
}

/** What can still be given back. The Dashboard's refunds count as soon as the order shows them. */
function leftOf(order: OrderRow, refunds: readonly RefundRow[]): number {
  const taken = refunds.filter(isTaken).reduce((sum, { amount }) => sum + amount.value, 0);
  return order.amount.value - Math.max(taken, order.refunded);
}
