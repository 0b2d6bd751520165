import { QuittanceError } from '../errors.ts';
import type { Problem } from '../http/problem.ts';
import { badField } from '../http/request.ts';
import { stripeFailure, stripeRefusal } from '../stripe/failures.ts';

const RETRY_AFTER_SECONDS = 5;

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'Sellers can not be taken on yet: the operator has to set STRIPE_SECRET_KEY.',
};

export const OAUTH_OFF: Problem = {
  status: 409,
  code: 'oauth_not_configured',
  detail:
    'Sellers can not come by OAuth: set STRIPE_CONNECT_CLIENT_ID to the ca_… of your platform, ' +
    'or take the mode account_link.',
  extra: { field: 'mode' },
};

export const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer. Send the same request again: it leads to the same seller and one account.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

export const UNSURE: Problem = {
  status: 409,
  code: 'account_unsure',
  detail:
    'So many accounts were made since that it can not be told whether this seller has one. Look for the ' +
    'metadata quittance_seller in the Dashboard and send its id as "account".',
};

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'seller_not_found',
  detail: 'There is no such seller.',
};

export const DISCONNECTED: Problem = {
  status: 409,
  code: 'seller_disconnected',
  detail: 'The account of this seller is closed or no longer connected, so there is nothing to onboard.',
};

export const COUNTRY_MISSING: Problem = badField('country', 'is missing: Stripe makes no account without');

/** The reference stands for somebody else, as this field shows. */
export function referenceUsed(field: string): Problem {
  const detail =
    `There is a seller of this reference, taken on with another "${field}". ` +
    'Take another reference for another seller; a seller changes what it said at Stripe.';
  return { status: 409, code: 'seller_reference_used', detail, extra: { field } };
}

export function noAccount(account: string): Problem {
  const detail = `Stripe has no account ${account} for this platform and mode.`;
  return { status: 422, code: 'account_not_found', detail, extra: { field: 'account' } };
}

export function accountInUse(account: string): Problem {
  const detail = `The account ${account} belongs to another seller, or this seller has another account.`;
  return { status: 409, code: 'account_in_use', detail, extra: { field: 'account' } };
}

/**
 * Why Stripe did not do it: its refusal in its own words, for who sent the request. Throws what is not of
 * Stripe's.
 */
export function ofStripe(error: unknown): Problem {
  if (error instanceof QuittanceError && error.code === 'stripe_not_configured') return NOT_CONFIGURED;
  const failure = stripeFailure(error);
  if (failure === null) throw error;
  if (failure !== 'rejected') return UNAVAILABLE;
  const { message, code, param } = stripeRefusal(error);
  const detail = `Stripe refused: ${message}`;
  return { status: 422, code: 'stripe_rejected', detail, extra: { stripe: { code, param } } };
}

/** For the log: without the message, which may repeat what the seller is called. */
export function wordsOf(error: unknown): Record<string, unknown> {
  const { message: _message, ...words } = stripeRefusal(error);
  return { failure: stripeFailure(error), ...words };
}
