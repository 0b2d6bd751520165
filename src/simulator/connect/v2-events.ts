import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';

/** Announces on the platform what /v2 calls the changes of an account; filled in with the accounts of /v2. */
export function announceV2(_platform: Realm, _old: Stripe.Account, _account: Stripe.Account): void {}

/** Tells the platform that an owner has come back from the link that /v2 made. */
export function announceReturn({ platform }: Realm, account: string): void {
  platform.engine.announceThin(platform, {
    type: 'v2.core.account_link.returned',
    data: { account_id: account },
    related_object: { id: account, type: 'v2.core.account', url: `/v2/core/accounts/${account}` },
  });
}
