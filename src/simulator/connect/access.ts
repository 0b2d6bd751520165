import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import type { Call } from '../server/call.ts';
import { StripeError } from '../server/errors.ts';
import type { Dossier } from './dossier.ts';
import { noAccess } from './directory.ts';
import { platformAccount } from './platform-account.ts';
import { isHidden } from './reassess.ts';

/** An account that a call may look at or change. */
export interface Reached {
  account: Stripe.Account;
  /** Undefined for the platform itself, of which nothing is on file. */
  dossier: Dossier | undefined;
}

/** Parameters that say who somebody is. */
const PERSONAL = ['individual', 'company', 'business_type', 'tos_acceptance'];

/** The account of the path: one of the platform's for the platform, its own for everybody. */
export function reach({ realm, caller, ids }: Call, id = ids[0] ?? ''): Reached {
  const { platform } = realm;
  if (id === platform.account && realm.account === id)
    return { account: platformAccount(platform), dossier: undefined };
  const row = platform.row('account', id);
  const dossier = row?.hidden as unknown as Dossier | undefined;
  const allowed = realm.account === platform.account || realm.account === id;
  // With a key of its own an account is itself, whoever else has lost access to it.
  const lost = dossier?.gone === true && realm.account !== id;
  if (!row || !dossier || lost || !allowed) throw noAccess(caller.key, id);
  return { account: row.object as unknown as Stripe.Account, dossier };
}

/** A connected account that the call may change. */
export function reachConnected(call: Call): { account: Stripe.Account; dossier: Dossier } {
  const { account, dossier } = reach(call);
  if (dossier) return { account, dossier };
  throw denied('You cannot perform this action on your own account: do it in the Dashboard.', 400);
}

/** Refuses what the platform may no longer touch, since Stripe collects it. */
export function refusePersonal(account: Stripe.Account, dossier: Dossier, params?: Params): void {
  if (!isHidden(account, dossier)) return;
  const param = params && PERSONAL.find((name) => params[name] !== undefined);
  if (params && param === undefined) return;
  const what = param === undefined ? 'for this endpoint' : `for the parameter '${param}'`;
  throw denied(
    `This application does not have the required permissions ${what} on account '${account.id}'.`,
    403,
    param,
  );
}

/** A refusal about who asks, not about what is asked. */
function denied(message: string, status: number, param?: string): StripeError {
  return new StripeError(message, { status, type: 'invalid_request_error', param, validation: true });
}
