import type Stripe from 'stripe';
import { Realm } from '../realm.ts';
import { controllerOf, OWN } from './account-types.ts';
import type { Dossier } from './dossier.ts';
import { changeAccount, insertAccount } from './make-account.ts';
import { makeReady, requestUsual } from './ready.ts';

/** An account as its owner has opened it at Stripe, before anybody here knew of it. */
export interface Opening {
  /** A new one when left out; the id of one that exists in the other mode makes it exist in both. */
  id?: string;
  country?: string;
  email?: string | null;
  business?: string | null;
  via: Dossier['via'];
  express?: boolean;
}

/** Brings an account into being that has had a life elsewhere: ready, and nothing of it is announced. */
export function openAccount(realm: Realm, opening: Opening): string {
  const { platform } = realm;
  const { id: named, country = 'US', email, business, via, express } = opening;
  // What happened to it before it was connected is none of the platform's business.
  const quiet = new Realm({ ...platform.engine, announce: () => '' }, platform, platform.request);
  const made = express ? controllerOf({ type: 'express' }) : { type: 'standard' as const, controller: OWN };
  const params = { country, ...(named !== undefined && { id: named }) };
  const { id } = insertAccount(quiet, params, made, { via });
  const profile = business ? { business_profile: { name: business } } : {};
  changeAccount(quiet, quiet.need('account', id), { ...profile, ...(email ? { email } : {}) });
  requestUsual(quiet, id);
  makeReady(quiet, id);
  return id;
}

/** The accounts that were connected by their owners, of which the page of OAuth offers a choice. */
export function ownersAccounts({ platform }: Realm): Stripe.Account[] {
  const { order } = platform.engine.store.table(platform, 'account');
  const mine = order.filter((row) => !row.gone && row.hidden?.['via'] !== 'api');
  return mine.map(({ object }) => object as unknown as Stripe.Account);
}
