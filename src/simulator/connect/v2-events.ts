import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';

/** Announces on the platform what /v2 calls the changes of an account; filled in with the accounts of /v2. */
export function announceV2(_platform: Realm, _old: Stripe.Account, _account: Stripe.Account): void {}
