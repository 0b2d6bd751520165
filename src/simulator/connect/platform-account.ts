import type Stripe from 'stripe';
import { defaultsOf } from '../contract/defaults.ts';
import { shownPayouts } from '../money/v1-settings.ts';
import type { Realm } from '../realm.ts';
import { emptyList } from '../server/list.ts';
import { ownPayees } from './payees.ts';

/** When the platform's account was opened: a day long ago, so that nothing depends on the test's own time. */
const OPENED = Date.UTC(2024, 0, 1) / 1000;

/** The platform's own account: ready, with a bank account, as one that has been in use. */
export function platformAccount(realm: Realm): Stripe.Account {
  const { account: id, engine } = realm;
  const payees = ownPayees(realm);
  const url = `/v1/accounts/${id}/external_accounts`;
  return {
    ...(defaultsOf(engine.contract, 'account') as unknown as Stripe.Account),
    id,
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    controller: { type: 'account' },
    country: 'US',
    created: OPENED,
    default_currency: 'usd',
    details_submitted: true,
    email: 'platform@example.com',
    external_accounts: {
      ...emptyList(url),
      data: payees,
    } as unknown as NonNullable<Stripe.Account['external_accounts']>,
    metadata: {},
    payouts_enabled: true,
    settings: {
      ...(defaultsOf(engine.contract, 'account')['settings'] as object | null),
      dashboard: { display_name: 'Quittance simulator', timezone: 'Etc/UTC' },
      payouts: shownPayouts(realm),
    } as NonNullable<Stripe.Account['settings']>,
    type: 'standard',
  };
}
