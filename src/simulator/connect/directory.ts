import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { noSuch, StripeError } from '../server/errors.ts';
import { mask } from '../server/auth.ts';
import type { Dossier } from './dossier.ts';

/** The platform as an application: what direct charges and application fees name as theirs. */
export const APPLICATION_ID = 'ca_QuittanceSimulator00000000000000';

/** A connected account that is still connected, or undefined. Accounts are kept with the platform. */
export function accountOf(realm: Realm, id: string | null | undefined): Stripe.Account | undefined {
  const row = realm.platform.row('account', id);
  return row && !(row.hidden as Partial<Dossier> | undefined)?.gone
    ? (row.object as unknown as Stripe.Account)
    : undefined;
}

/** What is known of an account beyond what it shows. */
export function dossierOf(realm: Realm, id: string): Dossier {
  return realm.platform.row('account', id)?.hidden as unknown as Dossier;
}

/** The account that a parameter names, as the receiver of money. */
export function needDestination(realm: Realm, id: string, param: string): Stripe.Account {
  const account = accountOf(realm, id);
  if (!account) throw noSuch('destination', id, param);
  return account;
}

/** Stripe does not tell an account that isn't there from one that isn't yours. */
export function noAccess(key: string, account: string): StripeError {
  const message =
    `The provided key '${mask(key)}' does not have access to account '${account}' (or that account does ` +
    'not exist). Application access may have been revoked.';
  return new StripeError(message, {
    status: 403,
    type: 'invalid_request_error',
    code: 'account_invalid',
    validation: true,
  });
}
