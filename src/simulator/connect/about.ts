import type { Realm } from '../realm.ts';

/**
 * Announces something about a connected account, on that account. The platform can read these events too,
 * also
 * after it has lost the account: `account.application.deauthorized` would otherwise be nobody's.
 */
export function aboutAccount(
  realm: Realm,
  account: string,
  type: string,
  object: object,
  previous?: object,
): string {
  const { platform } = realm;
  const there = platform.as(account);
  const id = there.emit(type, object, previous);
  const event = there.row('event', id);
  if (event) platform.engine.store.put(platform, 'event', id, event.object);
  return id;
}
