import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { aboutAccount } from '../about.ts';
import { disconnect } from '../accounts.ts';
import { accountOf, dossierOf } from '../directory.ts';
import { revokeKeys } from '../keys.ts';
import { application, authorized } from '../make-account.ts';
import { openAccount } from '../open-account.ts';

const KIND = 'apps.install';
const NOTHING = { connect_src: [], image_src: [] };

export type Install = Stripe.Apps.Install;

interface Installing {
  app: string;
  channel?: string | undefined;
  /** What the owner granted; left out, the app may do everything. */
  permissions?: string[] | undefined;
  /** The code of an OAuth app's install. */
  code?: string | undefined;
}

/** What the owner of an install grants and has not yet granted. */
export interface Permissions {
  granted?: string[] | undefined;
  pending?: string[] | undefined;
}

/** The installs on an account in the realm's mode; they are kept with the platform. */
export function installsOf({ platform }: Realm, account: string): Install[] {
  return platform.where(KIND, 'account', account);
}

/**
 * Installs an app on an account and tells both sides. The account is opened first if the mode has none of
 * that id, and let in if it was gone. An app that is there already stays as it is.
 */
export function installApp(realm: Realm, account: string, { app, ...installing }: Installing): Install {
  const { platform } = realm;
  const known = installsOf(realm, account).find((each) => each.app === app);
  if (known) return known;
  const own = account === platform.account;
  if (!own) letIn(platform, account);
  const { channel, permissions, code } = installing;
  const fields: Partial<Install> = {
    account,
    app,
    approval_required: false,
    auth_code: code ?? null,
    channel: channel ?? 'private_test',
    content_security_policy_granted: NOTHING,
    content_security_policy_pending: NOTHING,
    created: platform.now,
    permissions_granted: permissions ?? [],
    status: 'installed',
  };
  const install = platform.insert(KIND, fields, { limited: permissions !== undefined });
  if (!own) authorized(realm, account);
  aboutAccount(realm, account, 'apps.install.created', install);
  return install;
}

/**
 * Uninstalls an app: its tokens and keys of the account are good for nothing, and an account that is known by
 * its install alone can no longer be reached.
 */
export function uninstallApp(realm: Realm, install: Install): Install {
  const { platform } = realm;
  const { account: id } = install;
  const ended: Install = { ...install, status: 'uninstalling' };
  aboutAccount(realm, id, 'apps.install.deleted', ended);
  revokeKeys(realm, id, ['app', 'restricted']);
  const account = accountOf(realm, id);
  const known = account && dossierOf(realm, id).via !== 'app';
  if (account && !known && installsOf(realm, id).length === 1) disconnect(realm, account);
  else if (id !== platform.account)
    aboutAccount(platform, id, 'account.application.deauthorized', application());
  platform.remove(KIND, install.id);
  return ended;
}

/** Changes what the owner granted or has still to grant; only a change is announced. */
export function changePermissions(realm: Realm, before: Install, { granted, pending }: Permissions): Install {
  const changes: Partial<Install> = {
    ...(granted && { permissions_granted: granted }),
    ...(pending && { permissions_pending: pending, approval_required: pending.length > 0 }),
  };
  const install = realm.platform.change(KIND, before.id, changes, granted && { limited: true });
  const previous = differences(asObject(before), asObject(install));
  if (Object.keys(previous).length > 0)
    aboutAccount(realm, install.account, 'apps.install.updated', install, previous);
  return install;
}

function letIn(platform: Realm, account: string): void {
  const row = platform.row('account', account);
  if (!row) openAccount(platform, { id: account, via: 'app' });
  else if (row.hidden?.['gone'] === true) platform.conceal('account', account, { gone: false, via: 'app' });
}

function asObject(install: Install): StripeObject {
  return install as unknown as StripeObject;
}
