import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { noSuch, refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { reachConnected } from '../access.ts';
import { merged } from '../../server/hashes.ts';
import { isoOf } from './words.ts';

/** docs.stripe.com/api/v2/core/account-tokens: a token lives ten minutes. */
const TOKEN_SECONDS = 600;

const KINDS = {
  account_token: 'v2.core.account_token',
  person_token: 'v2.core.account_person_token',
} as const;

/** docs.stripe.com/api/v2/core/account-tokens and /person-tokens */
export const v2Tokens: Resource = {
  routes: {
    'POST /v2/core/account_tokens': (call) => create(call, 'account_token', 'accttok_'),
    'GET /v2/core/account_tokens/{}': (call) => retrieve(call, 'account_token'),
    'POST /v2/core/accounts/{}/person_tokens': (call) => {
      reachConnected(call);
      return create(call, 'person_token', 'perstok_');
    },
    'GET /v2/core/accounts/{}/person_tokens/{}': (call) => retrieve(call, 'person_token'),
  },
};

/** The parameters with what the token among them stands for. */
export function spendV2Token({ platform }: Realm, params: Params, param: keyof typeof KINDS): Params {
  const { [param]: id, ...others } = params;
  if (id === undefined) return params;
  const row = platform.row(KINDS[param], id as string);
  if (!row) throw noSuch('token', id as string, param);
  const { used, expires_at } = row.object as { used: boolean; expires_at: string };
  if (used)
    throw refused(`You cannot use a Stripe token more than once: ${row.id}.`, { code: 'token_already_used' });
  if (Date.parse(expires_at) / 1000 <= platform.now)
    throw refused(`The token ${row.id} has expired.`, { code: 'token_expired', param });
  platform.engine.store.put(platform, row.kind, row.id, { ...row.object, used: true });
  return merged(row.hidden?.['typed'], others) as Params;
}

function create(
  { realm: { platform }, params }: Call,
  param: keyof typeof KINDS,
  prefix: string,
): StripeObject {
  const id = `${prefix}${platform.secret(24)}`;
  const token = {
    id,
    object: KINDS[param],
    created: isoOf(platform.now),
    expires_at: isoOf(platform.now + TOKEN_SECONDS),
    livemode: platform.livemode,
    used: false,
  };
  platform.engine.store.put(platform, KINDS[param], id, token, { typed: params });
  return token;
}

function retrieve({ realm: { platform }, ids }: Call, param: keyof typeof KINDS): StripeObject {
  const row = platform.row(KINDS[param], ids.at(-1));
  if (!row) throw noSuch('token', ids.at(-1) ?? '');
  return row.object;
}
