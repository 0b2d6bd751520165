import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { badParameter, noSuch, refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';
import { readBank } from './bank-entry.ts';

/** Kinds of token that stand for what somebody typed about an account. */
const KINDS = ['bank_account', 'account', 'person'] as const;

/**
 * Makes a token of a bank account, an account or a person; undefined when another kind of token is asked
 * for.
 */
export function makeTypedToken(realm: Realm, params: Params): StripeObject | undefined {
  const type = KINDS.find((kind) => typeof params[kind] === 'object' && params[kind] !== null);
  if (type === undefined) return undefined;
  const typed = params[type] as Params;
  const bank = type === 'bank_account' ? readBank(realm, typed, type) : undefined;
  const prefix = { bank_account: 'btok_1', account: 'ct_1', person: 'cpt_1' }[type];
  const token = realm.insert(
    'token',
    { id: `${prefix}${realm.secret(23)}`, client_ip: null, type, used: false },
    bank ? { bank } : { typed },
  );
  return token as unknown as StripeObject;
}

/** The parameters with what the `account_token` among them stands for; a token is good for one use. */
export function spendAccountToken(realm: Realm, params: Params): Params {
  const { account_token: token, ...others } = params;
  if (token === undefined) return params;
  const typed = spend(realm, token as string, 'account_token', 'account');
  const { tos_shown_and_accepted: accepted, ...rest } = typed;
  const terms = { date: realm.now, ip: '127.0.0.1' };
  return { ...others, ...rest, ...(accepted === true && { tos_acceptance: terms }) };
}

/** The same for the `person_token` of a person. */
export function spendPersonToken(realm: Realm, params: Params): Params {
  const { person_token: token, ...others } = params;
  return token === undefined
    ? params
    : { ...others, ...spend(realm, token as string, 'person_token', 'person') };
}

function spend(realm: Realm, id: string, param: string, type: string): Params {
  const token = realm.get('token', id);
  if (!token) throw noSuch('token', id, param);
  if (token.type !== type) throw badParameter(`The token ${id} is not of type ${type}.`, { param });
  if (token.used)
    throw refused(`You cannot use a Stripe token more than once: ${id}.`, { code: 'token_already_used' });
  realm.change('token', id, { used: true });
  return (realm.row('token', id)?.hidden as { typed?: Params } | undefined)?.typed ?? {};
}
