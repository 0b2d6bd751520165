import type Stripe from 'stripe';
import { formatMoney, sameMoney } from '../money.ts';
import type { OrderRow, OrderStatus } from './order.ts';

/** What Stripe's present state means for an order. */
export interface Verdict {
  status: OrderStatus;
  /** For operators: why it is in review, or why the last attempt failed. */
  problem: string | null;
  paid: boolean;
  /** True when a person has to look at it. */
  alarming: boolean;
}

/**
 * Judges an order by its Checkout Session as Stripe has it now, with `payment_intent.latest_charge`
 * expanded. Pure: no time, no storage. Null means that nothing changes.
 */
export function judge(order: OrderRow, session: Stripe.Checkout.Session): Verdict | null {
  const next = session.payment_status === 'unpaid' ? judgeUnpaid(session) : judgePaid(order, session);
  if (!mayMove(order, next)) return null;
  return next.status === order.status && next.problem === order.problem ? null : next;
}

function judgePaid(order: OrderRow, session: Stripe.Checkout.Session): Verdict {
  const got = { value: session.amount_total ?? 0, currency: session.currency ?? '' };
  if (!sameMoney(order.amount, got)) {
    const problem = `ordered for ${say(order.amount)}, paid ${say(got)}`;
    return { status: 'review', problem, paid: true, alarming: true };
  }
  const charge = chargeOf(session);
  if (charge?.refunded) return moneyBack('refunded');
  if (charge?.disputed) return moneyBack('disputed');
  return { status: 'paid', problem: null, paid: true, alarming: false };
}

function judgeUnpaid(session: Stripe.Checkout.Session): Verdict {
  const failure = intentOf(session)?.last_payment_error;
  const problem = failure ? (failure.message ?? failure.code ?? 'the payment failed') : null;
  const unpaid = { problem, paid: false, alarming: false };
  if (session.status === 'expired') return { ...unpaid, status: 'expired' };
  if (failure) return { ...unpaid, status: 'failed' };
  return { ...unpaid, status: session.status === 'complete' ? 'processing' : 'pending' };
}

// Money facts only move forward: paid and what follows it never becomes unpaid by an older answer, and
// what a person has to review is not touched until a person has.
function mayMove(order: OrderRow, next: Verdict): boolean {
  if (order.status === 'review') return false;
  const settled = order.paid_at !== null;
  if (settled && !next.paid) return false;
  if (order.status === 'refunded' || order.status === 'disputed') return next.status === 'refunded';
  return !(order.status === 'fulfilled' && next.status === 'paid');
}

function moneyBack(status: 'refunded' | 'disputed'): Verdict {
  return { status, problem: null, paid: true, alarming: false };
}

/** The session's payment intent, when it was expanded. */
function intentOf(session: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  return typeof session.payment_intent === 'object' ? session.payment_intent : null;
}

function chargeOf(session: Stripe.Checkout.Session): Stripe.Charge | null {
  const charge = intentOf(session)?.latest_charge;
  return typeof charge === 'object' ? charge : null;
}

function say(money: { value: number; currency: string }): string {
  return money.currency === '' ? String(money.value) : `${formatMoney(money)} (${money.currency})`;
}
