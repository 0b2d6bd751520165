import type Stripe from 'stripe';
import { sameMoney } from '../money.ts';
import type { OrderRow, OrderStatus } from './order.ts';
import { chargeOf, intentOf, say, splitProblem } from './payment.ts';

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
 * Judges an order by its Checkout Session as Stripe has it now, with `PAYMENT_FIELDS` expanded. Pure: no
 * time, no storage. Null means that its standing does not change.
 */
export function judge(order: OrderRow, session: Stripe.Checkout.Session): Verdict | null {
  const found = session.payment_status === 'unpaid' ? judgeUnpaid(session) : judgePaid(order, session);
  const next = found.status === 'paid' ? afterReturn(order, found) : found;
  if (!mayMove(order, next)) return null;
  return next.status === order.status && next.problem === order.problem ? null : next;
}

function judgePaid(order: OrderRow, session: Stripe.Checkout.Session): Verdict {
  const charge = chargeOf(session);
  // What went back altogether needs no review any more.
  if (charge?.refunded && order.status === 'review') return moneyBack('refunded');
  const problems = [amountProblem(order, session), splitProblem(order, session)];
  const problem = problems.find((each) => each !== null && !order.accepted.includes(each));
  if (problem) return review(problem);
  if (charge?.refunded) return moneyBack('refunded');
  if (charge?.disputed && !isUnharmed(order)) return moneyBack('disputed');
  return { status: 'paid', problem: null, paid: true, alarming: false };
}

function amountProblem(order: OrderRow, session: Stripe.Checkout.Session): string | null {
  const got = { value: session.amount_total ?? 0, currency: session.currency ?? '' };
  return sameMoney(order.amount, got) ? null : `ordered for ${say(order.amount)}, paid ${say(got)}`;
}

/** The money is here again: a dispute was won, or a refund that had been counted has failed. */
function afterReturn(order: OrderRow, paid: Verdict): Verdict {
  if (order.status !== 'disputed' && order.status !== 'refunded') return paid;
  if (order.fulfilled_at !== null) return { ...paid, status: 'fulfilled' };
  // Somebody gave this order up: whether it is delivered after all is not for us to say.
  return order.status === 'disputed' ? paid : review('its refund failed, and it was never fulfilled');
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
  if (order.status === 'review') {
    return next.status === 'refunded' || (next.paid && order.accepted.includes(order.problem ?? ''));
  }
  const settled = order.paid_at !== null;
  if (settled && !next.paid) return false;
  if (order.status === 'disputed') return next.status === 'refunded' || isUnharmed(order);
  return !(order.status === 'fulfilled' && next.status === 'paid');
}

// Stripe's charge stays `disputed` for ever, also when the bank only asked; the dispute knows better.
function isUnharmed({ dispute_state: state }: OrderRow): boolean {
  return state === 'won' || state === 'inquiry';
}

function moneyBack(status: 'refunded' | 'disputed'): Verdict {
  return { status, problem: null, paid: true, alarming: false };
}

function review(problem: string): Verdict {
  return { status: 'review', problem, paid: true, alarming: true };
}
