import type { Engine, Realm } from '../realm.ts';
import { mask } from '../server/auth.ts';
import { StripeError } from '../server/errors.ts';
import type { Row } from '../store/store.ts';
import { noAccess } from './directory.ts';

/** Keys that were handed out; kept with the platform, also after they were taken back. */
const KEY = '_key';
/** Refresh tokens of OAuth. */
const GRANT = '_oauth_grant';

/** A user's role in the Dashboard, as an extension is told of it. */
export interface Role {
  id: string;
  name: string;
  type: string;
}

/**
 * How a key came about: OAuth of a platform or of an app, an app's restricted key, or a Dashboard user who
 * has the app's extension before them.
 */
export type KeyOrigin =
  | { by: 'platform' | 'app' }
  | { by: 'restricted'; permissions: string[] | null }
  | { by: 'session'; user: string; roles: Role[] };

/** A key that belongs to another account than the platform. */
export interface HandedOut {
  id: string;
  account: string;
  /** When the key ends by itself, in Unix seconds. */
  expires_at: number | null;
  revoked: boolean;
  origin: KeyOrigin;
}

/** What a refresh token stands for. */
export interface Grant {
  id: string;
  account: string;
  scope: string;
  app: boolean;
}

/** Hands out a key for an account. */
export function handOut(
  { platform }: Realm,
  key: string,
  account: string,
  origin: KeyOrigin,
  expiresAt: number | null = null,
): void {
  const row: HandedOut = { id: key, account, expires_at: expiresAt, revoked: false, origin };
  platform.engine.store.put(platform, KEY, key, { ...row });
}

export function keepGrant({ platform }: Realm, grant: Grant): void {
  platform.engine.store.put(platform, GRANT, grant.id, { ...grant });
}

export function grantOf({ platform }: Realm, id: string): Grant | undefined {
  return platform.row(GRANT, id)?.object as unknown as Grant | undefined;
}

/** A refresh token that was used up, or is no longer good. */
export function dropGrant({ platform }: Realm, id: string): void {
  platform.remove(GRANT, id);
}

/** From now on no key of the account that came about so opens it, and no refresh token brings another. */
export function revokeKeys(realm: Realm, account: string, of: KeyOrigin['by'][]): void {
  const { platform } = realm;
  const { store } = platform.engine;
  for (const { object } of rowsOf(realm, KEY, account)) {
    const key = object as unknown as HandedOut;
    if (of.includes(key.origin.by)) store.put(platform, KEY, key.id, { ...key, revoked: true });
  }
  for (const { id, object } of rowsOf(realm, GRANT, account))
    if (of.includes(object['app'] === true ? 'app' : 'platform')) dropGrant(realm, id);
}

/** Takes one key back; undefined when there is none. */
export function revokeKey({ store, settings }: Engine, key: string): HandedOut | undefined {
  for (const livemode of [false, true]) {
    const world = { account: settings.account, livemode };
    const row = store.table(world, KEY).get(key);
    if (!row) continue;
    const revoked = { ...(row.object as unknown as HandedOut), revoked: true };
    store.transaction(() => store.put(world, KEY, key, { ...revoked }));
    return revoked;
  }
  return undefined;
}

/** What is known of a key that was handed out; undefined for the platform's own. */
export function handedOut(
  { store, settings }: Engine,
  key: string,
  livemode: boolean,
): HandedOut | undefined {
  const row = store.table({ account: settings.account, livemode }, KEY).get(key);
  return row?.object as unknown as HandedOut | undefined;
}

/**
 * The account that a key belongs to: the platform, unless the key was handed out for another. One that was
 * taken back or is too old opens nothing.
 */
export function ownerOf(engine: Engine, key: string, livemode: boolean): string {
  const known = handedOut(engine, key, livemode);
  if (!known) return engine.settings.account;
  const { account, expires_at, revoked, origin } = known;
  if (revoked && origin.by !== 'restricted') throw noAccess(key, account);
  if (!revoked && (expires_at === null || expires_at > engine.clock.seconds())) return account;
  throw new StripeError(`Expired API Key provided: ${mask(key)}`, {
    status: 401,
    type: 'invalid_request_error',
    code: 'api_key_expired',
    validation: true,
  });
}

function rowsOf({ platform }: Realm, kind: string, account: string): Row[] {
  const { order } = platform.engine.store.table(platform, kind);
  return order.filter(({ gone, object }) => !gone && object['account'] === account);
}
