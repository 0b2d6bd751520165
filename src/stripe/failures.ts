import Stripe from 'stripe';

const CONFLICT = 409;
const TOO_MANY_REQUESTS = 429;

/**
 * How a call to Stripe failed. `unreachable`: no answer, or that another call is at it under the same key, so
 * it may or may not have happened. `server_error`: a 5xx, which Stripe repeats for the same idempotency key.
 * `rejected`: our request is wrong.
 */
export type StripeFailure = 'unreachable' | 'rate_limited' | 'server_error' | 'rejected';

/** Null when the error is not one of Stripe's client. */
export function stripeFailure(error: unknown): StripeFailure | null {
  if (!(error instanceof Stripe.errors.StripeError)) return null;
  if (error instanceof Stripe.errors.StripeConnectionError) return 'unreachable';
  if (error instanceof Stripe.errors.StripeRateLimitError) return 'rate_limited';
  // OAuth's errors are of classes of their own.
  if (error.statusCode === TOO_MANY_REQUESTS) return 'rate_limited';
  if (error.statusCode === undefined || error.statusCode === CONFLICT) return 'unreachable';
  return error.statusCode >= 500 ? 'server_error' : 'rejected';
}

/** For the log: type, code, status and request id, never parameters or bodies. */
export function describeStripeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Stripe.errors.StripeError)) return { error: String(error) };
  const { type, code, statusCode, requestId, message } = error;
  return { type, code, statusCode, requestId, message };
}

/** Why Stripe refused a call. */
export interface StripeRefusal {
  /** Stripe's code; null when it gave none. */
  code: string | null;
  /** Stripe's words. */
  message: string;
  /** The parameter that was wrong, if one was. */
  param: string | null;
  status: number | null;
}

/** What Stripe said when it refused; for errors that `stripeFailure` calls `rejected`. */
export function stripeRefusal(error: unknown): StripeRefusal {
  if (!(error instanceof Stripe.errors.StripeError)) {
    return { code: null, message: String(error), param: null, status: null };
  }
  const { code, message, param, statusCode } = error;
  return { code: code ?? null, message, param: param ?? null, status: statusCode ?? null };
}

/** True when the idempotency key was used before with other parameters. */
export function isKeyMismatch(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeIdempotencyError;
}

/** The object, or null when Stripe has none of that id (any more). */
export async function unlessMissing<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.code === 'resource_missing') return null;
    throw error;
  }
}
