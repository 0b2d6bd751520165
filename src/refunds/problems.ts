import type { Problem } from '../http/problem.ts';
import { formatMoney, type Money } from '../money.ts';
import type { Movement } from '../movements/movement.ts';

export { ORDER_NOT_FOUND } from '../orders/problems.ts';

const CONFLICT = 409;
const AGAIN = 'Take a new Idempotency-Key to try again.';

export const REFUND_NOT_FOUND: Problem = {
  status: 404,
  code: 'refund_not_found',
  detail: 'This order has no such refund.',
};

export const KEY_REUSED: Problem = {
  status: CONFLICT,
  code: 'idempotency_key_reused',
  detail: 'This Idempotency-Key was used for another refund of this order. Take a new one for a new refund.',
};

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'Nothing can be refunded yet: set STRIPE_SECRET_KEY.',
};

export const OTHER_MODE: Problem = {
  status: CONFLICT,
  code: 'livemode_mismatch',
  detail: 'The order was paid in the other mode of Stripe (test or live) than the configured key is of.',
};

export const NOT_PAID: Problem = {
  status: CONFLICT,
  code: 'order_not_paid',
  detail: 'The order is not paid, so there is nothing to give back.',
};

export const ALREADY_REFUNDED: Problem = {
  status: CONFLICT,
  code: 'already_refunded',
  detail: 'All of the payment was given back already, or is on its way.',
};

const DISPUTED: Problem = {
  status: CONFLICT,
  code: 'order_disputed',
  detail:
    'Stripe refunds no payment that is or was disputed: answer the dispute, or pay the buyer another way.',
};

const SHORT: Problem = {
  status: CONFLICT,
  code: 'insufficient_balance',
  detail:
    'The seller’s balance does not cover the part that is to be taken back, so Stripe made no refund. Wait ' +
    `until it does, or send "reverse_transfer": false to pay from the platform’s balance alone. ${AGAIN}`,
};

/** More than is left of what was paid. */
export function exceeds(left: Money): Problem {
  return {
    status: CONFLICT,
    code: 'refund_exceeds_payment',
    detail: `Only ${formatMoney(left)} of the payment is left to give back.`,
    extra: { left },
  };
}

// Stripe's codes, docs.stripe.com/error-codes. What is too much is refused with the parameter alone.
const REFUSALS: Record<string, Problem> = {
  charge_already_refunded: ALREADY_REFUNDED,
  charge_disputed: DISPUTED,
  refund_disputed_payment: DISPUTED,
  balance_insufficient: SHORT,
  insufficient_funds: SHORT,
  charge_not_refundable: NOT_PAID,
  payment_intent_unexpected_state: NOT_PAID,
  invalid_amount: {
    status: CONFLICT,
    code: 'refund_exceeds_payment',
    detail: 'More than is left of the payment: part of it was given back in Stripe’s Dashboard.',
  },
};

/** Stripe's refusal in our words, with Stripe's own beside them. */
export function refusalProblem({ error_code: code, error: message }: Movement): Problem {
  const extra = { stripe: { code, message } };
  const known = code === null ? undefined : REFUSALS[code];
  if (known) return { ...known, extra };
  return {
    status: CONFLICT,
    code: 'refund_refused',
    detail: `Stripe refused the refund: ${message}`,
    extra,
  };
}
