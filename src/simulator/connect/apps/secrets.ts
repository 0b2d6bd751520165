import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter, noSuch, refused } from '../../server/errors.ts';
import { listPage } from '../../server/list.ts';
import type { Row, StripeObject } from '../../store/store.ts';

/** docs.stripe.com/stripe-apps/store-auth-data-custom-objects */
const SECRETS_PER_SCOPE_MAX = 10;
const KIND = 'apps.secret';

type Scope = Stripe.Apps.Secret.Scope;

/** docs.stripe.com/api/secret_management: what an app keeps for an account, or for one of its users. */
export const appSecrets: Resource = {
  routes: {
    'POST /v1/apps/secrets': set,
    'GET /v1/apps/secrets': list,
    'GET /v1/apps/secrets/find': (call) => needSecret(call).object,
    'POST /v1/apps/secrets/delete': (call) => {
      const { id, object } = needSecret(call);
      call.realm.remove(KIND, id);
      return { ...object, deleted: true };
    },
  },
  tasks: {
    'app_secret.expire': (realm, id) => {
      const secret = realm.get(KIND, id);
      if (secret?.expires_at && secret.expires_at <= realm.now) realm.remove(KIND, id);
    },
  },
  // What is kept is only told to who asks for it by name.
  includes: { 'apps.secret.payload': (realm, { id }) => realm.row(KIND, id)?.hidden?.['payload'] ?? null },
};

/** Keeps a secret; one of the same name and scope is replaced. */
function set({ realm, params }: Call): StripeObject {
  const scope = scopeOf(params);
  const name = params['name'] as string;
  const payload = params['payload'] as string;
  const expires_at = (params['expires_at'] as number | undefined) ?? null;
  if (expires_at !== null && expires_at <= realm.now)
    throw badParameter('expires_at must be in the future.', { param: 'expires_at' });
  const existing = find(realm, scope, name);
  const kept = realm.engine.store.table(realm, KIND).where('place', placeOf(scope));
  if (!existing && kept.length >= SECRETS_PER_SCOPE_MAX)
    throw refused(`There are ${SECRETS_PER_SCOPE_MAX} secrets in this scope already: delete one first.`);
  if (existing) realm.remove(KIND, existing.id);
  const fields = { created: realm.now, expires_at, name, scope };
  const secret = realm.insert(KIND, fields, { place: placeOf(scope), payload });
  if (expires_at !== null) realm.later('app_secret.expire', secret.id, expires_at - realm.now);
  return secret as unknown as StripeObject;
}

function list({ realm, params, path }: Call): StripeObject {
  const { scope: _scope, ...paging } = params;
  const rows = realm.engine.store.table(realm, KIND).where('place', placeOf(scopeOf(params)));
  return listPage({ realm, kind: KIND, params: paging, url: path, rows });
}

function needSecret({ realm, params }: Call): Row {
  const name = params['name'] as string;
  const row = find(realm, scopeOf(params), name);
  if (!row) throw noSuch('secret', name, 'name', 404);
  return row;
}

function find(realm: Realm, scope: Scope, name: string): Row | undefined {
  const rows = realm.engine.store.table(realm, KIND).where('place', placeOf(scope));
  return rows.find(({ object }) => object['name'] === name);
}

function scopeOf(params: Params): Scope {
  const { type, user } = params['scope'] as Scope;
  if (type === 'user' && user === undefined) throw missingParameter('scope[user]');
  if (type === 'account' && user !== undefined)
    throw badParameter('scope[user] is only for secrets whose scope[type] is user.', {
      param: 'scope[user]',
    });
  return { type, ...(user !== undefined && { user }) };
}

function placeOf({ type, user }: Scope): string {
  return type === 'user' ? `user/${user}` : 'account';
}
