import type { Problem } from '../http/problem.ts';

const RETRY_AFTER_SECONDS = 5;

/** Why there may be no payment: the codes of what stands here, and of a product that there is not. */
export const PAYMENT_CODES: readonly string[] = [
  'product_not_found',
  'seller_not_ready',
  'idempotency_key_reused',
  'order_closed',
  'stripe_unavailable',
  'stripe_not_configured',
  'stripe_rejected',
];

export const KEY_REUSED: Problem = {
  status: 409,
  code: 'idempotency_key_reused',
  detail: 'This Idempotency-Key was used for another request. Take a new one for a new order.',
};

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'This shop takes no payments yet: its operator has to set STRIPE_SECRET_KEY.',
};

export const CLOSED: Problem = {
  status: 409,
  code: 'order_closed',
  detail: 'This order is already paid or has expired. Take a new Idempotency-Key for a new order.',
};

export const UNSURE: Problem = {
  status: 409,
  code: 'order_closed',
  detail:
    'So much has been sold since that it can not be told whether this order has a payment page already. ' +
    'Take a new Idempotency-Key for a new order.',
};

export const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer. Nothing was charged; try again with the same Idempotency-Key.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

export const REJECTED: Problem = {
  status: 502,
  code: 'stripe_rejected',
  detail: 'Stripe refused to start this payment. Nothing was charged; the log of the server says why.',
};

// Who it is stands in the platform's own records: a buyer gets no reference of a seller to see.
export const NOT_READY: Problem = {
  status: 409,
  code: 'seller_not_ready',
  detail:
    'A seller of this order can not take payments now: not onboarded, restricted or disconnected. ' +
    'Nothing was charged.',
};
