import type Stripe from 'stripe';
import type { Read } from '../http/request.ts';
import type { Problem } from '../http/problem.ts';
import { stripeFailure } from '../stripe/failures.ts';
import { dashboardOf, type SellerAccount } from './account.ts';
import { STRIPE_AWAY } from './refusals.ts';

/** A way into the seller's Express Dashboard. Whoever has the address is in: it is kept nowhere. */
export interface LoginLink {
  url: string;
  created_at: string;
}

/**
 * Makes a login link; `stripe` is the platform's client. Problems: `no_express_dashboard` (409),
 * `seller_not_ready` (409, the seller has not finished onboarding).
 * Source: docs.stripe.com/api/accounts/login_link
 */
export async function makeLoginLink(
  stripe: Stripe,
  { seller, account }: SellerAccount,
): Promise<Read<LoginLink>> {
  if (dashboardOf(seller) !== 'express') return { problem: NO_EXPRESS[dashboardOf(seller)] ?? NO_DASHBOARD };
  try {
    const { url, created } = await stripe.accounts.createLoginLink(account);
    return { value: { url, created_at: new Date(created * 1000).toISOString() } };
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure === null) throw error;
    // Stripe's own words are not passed on: nothing of a link may end up anywhere.
    return { problem: failure === 'rejected' ? NOT_ONBOARDED : STRIPE_AWAY };
  }
}

const NO_DASHBOARD: Problem = {
  status: 409,
  code: 'no_express_dashboard',
  detail: 'This account has no dashboard at Stripe: the platform shows the seller everything.',
};

const NO_EXPRESS: Record<string, Problem> = {
  full: {
    status: 409,
    code: 'no_express_dashboard',
    detail: 'This seller has Stripe’s own Dashboard and signs in at https://dashboard.stripe.com.',
  },
};

const NOT_ONBOARDED: Problem = {
  status: 409,
  code: 'seller_not_ready',
  detail: 'Stripe makes no login link: the seller has not finished onboarding. Send the onboarding link.',
};
