import type { Problem } from '../http/problem.ts';

const CONFLICT = 409;
const RETRY_AFTER_SECONDS = 5;

export const ORDER_NOT_FOUND: Problem = {
  status: 404,
  code: 'order_not_found',
  detail: 'There is no such order.',
};

export const OTHER_MODE: Problem = {
  status: CONFLICT,
  code: 'livemode_mismatch',
  detail: 'The order is of the other mode of Stripe (test or live) than the configured key is.',
};

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'Stripe can not be asked about this order: set STRIPE_SECRET_KEY.',
};

export const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe could not be asked about this order. Nothing was changed; try again.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

export const NOT_IN_REVIEW: Problem = {
  status: CONFLICT,
  code: 'order_not_in_review',
  detail: 'The order is not in review (any more), so there is nothing to decide.',
};

export const IN_REVIEW: Problem = {
  status: CONFLICT,
  code: 'order_in_review',
  detail: 'The payment is not what was ordered. Review the order, and say there whether to fulfil it.',
};

export const NOT_PAID: Problem = {
  status: CONFLICT,
  code: 'order_not_paid',
  detail: 'Stripe has no payment for this order, so it is not fulfilled.',
};

export const GIVEN_BACK: Problem = {
  status: CONFLICT,
  code: 'order_given_back',
  detail: 'The money of this order was refunded or is disputed, so it is not fulfilled.',
};

export const FULFILLED: Problem = {
  status: CONFLICT,
  code: 'order_fulfilled',
  detail: 'The order is fulfilled already. To run fulfil once more, all of it, send {"again":true}.',
};

/** `problem` begins with the words “fulfil failed”. */
export function fulfilFailed(problem: string): Problem {
  return { status: CONFLICT, code: 'fulfil_failed', detail: `The order is paid, but ${problem}` };
}
