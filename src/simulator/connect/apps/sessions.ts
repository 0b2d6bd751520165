import type { Realm } from '../../realm.ts';
import { handOut, type Role } from '../keys.ts';

/** The one call of a session that does not touch the account's data. */
export const SIGNATURE_PATH = '/v1/apps/app_embedded_backend_signature';

export const ADMINISTRATOR: Role = { id: 'admin', name: 'Administrator', type: 'builtIn' };

/** A Dashboard user who has the app's extension before them. */
export interface Session {
  /** What the extension's calls of Stripe are made with. */
  key: string;
  user_id: string;
  account_id: string;
  livemode: boolean;
  roles: Role[];
}

/**
 * Opens the extension for a user of an account. It also signs for an account that has uninstalled the app, as
 * a Dashboard does that was left open; everything else of it is refused then.
 */
export function openSession(
  realm: Realm,
  account: string,
  { user, roles = [ADMINISTRATOR] }: { user?: string | undefined; roles?: Role[] | undefined },
): Session {
  const { livemode } = realm;
  const user_id = user ?? `usr_${realm.secret(14)}`;
  const key = `ek_${livemode ? 'live' : 'test'}_${realm.secret(32)}`;
  handOut(realm, key, account, { by: 'session', user: user_id, roles });
  return { key, user_id, account_id: account, livemode, roles };
}
