import type { Engine, Realm } from '../realm.ts';
import { mask } from '../server/auth.ts';
import { StripeError } from '../server/errors.ts';
import { noAccess } from './directory.ts';

/** Keys that OAuth handed out; kept with the platform, also after they were taken back. */
const KEY = '_key';

interface HandedOut {
  id: string;
  account: string;
  /** When the key ends by itself, in Unix seconds. */
  expires_at: number | null;
  revoked: boolean;
}

/** Hands out a key for an account. */
export function handOut({ platform }: Realm, key: string, account: string, expiresAt: number | null): void {
  const row: HandedOut = { id: key, account, expires_at: expiresAt, revoked: false };
  platform.engine.store.put(platform, KEY, key, { ...row });
}

/** From now on no key that was handed out for this account opens it. */
export function revokeKeys({ platform }: Realm, account: string): void {
  const { store } = platform.engine;
  for (const { gone, id, object } of store.table(platform, KEY).order)
    if (!gone && object['account'] === account) store.put(platform, KEY, id, { ...object, revoked: true });
}

/**
 * The account that a key belongs to: the platform, unless the key was handed out for another. One that was
 * taken
 * back or is too old opens nothing.
 */
export function ownerOf({ store, settings, clock }: Engine, key: string, livemode: boolean): string {
  const row = store.table({ account: settings.account, livemode }, KEY).get(key);
  if (!row) return settings.account;
  const { account, expires_at, revoked } = row.object as unknown as HandedOut;
  if (revoked) throw noAccess(key, account);
  if (expires_at === null || expires_at > clock.seconds()) return account;
  throw new StripeError(`Expired API Key provided: ${mask(key)}`, {
    status: 401,
    type: 'invalid_request_error',
    code: 'api_key_expired',
    validation: true,
  });
}
