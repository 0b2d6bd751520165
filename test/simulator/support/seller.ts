import type Stripe from 'stripe';
import { type Local } from './simulator.ts';

/** Data of docs.stripe.com/connect/testing with which an American individual passes every check at once. */
export const PASSES_AT_ONCE = {
  business_type: 'individual',
  business_profile: { mcc: '5734', url: 'https://accessible.stripe.com' },
  individual: {
    first_name: 'Jenny',
    last_name: 'Rosen',
    email: 'jenny.rosen@example.com',
    phone: '0000000000',
    dob: { day: 1, month: 1, year: 1902 },
    address: {
      line1: 'address_full_match',
      city: 'Columbus',
      state: 'OH',
      postal_code: '43214',
      country: 'US',
    },
    ssn_last_4: '0000',
    id_number: '222222222',
  },
  external_account: 'btok_us_verified',
} as const satisfies Stripe.AccountCreateParams;

export const TERMS = { tos_acceptance: { date: 1_700_000_000, ip: '127.0.0.1' } };

/** A connected account whose platform answers for everything, ready to be paid and to pay out. */
export function makeSeller(
  { stripe }: Pick<Local, 'stripe'>,
  more: Stripe.AccountCreateParams = {},
): Promise<Stripe.Account> {
  return stripe.accounts.create({
    country: 'US',
    controller: {
      fees: { payer: 'application' },
      losses: { payments: 'application' },
      requirement_collection: 'application',
      stripe_dashboard: { type: 'none' },
    },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    ...PASSES_AT_ONCE,
    ...TERMS,
    ...more,
  });
}

/** The types of an account's events, oldest first; without one, of the platform's own. */
export async function eventTypes({ stripe }: Local, account?: string): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 }, account ? { stripeAccount: account } : undefined);
  return data.map(({ type }) => type).toReversed();
}
