import { appOf, changeApp, rollAppSecret } from '../connect/apps/app.ts';
import { changePermissions, installApp, uninstallApp, type Install } from '../connect/apps/install.ts';
import { openSession, type Session } from '../connect/apps/sessions.ts';
import { handOut, revokeKey, type Role } from '../connect/keys.ts';
import { openAccount } from '../connect/open-account.ts';
import { Realm, type Engine } from '../realm.ts';
import type { Row } from '../store/store.ts';
import { ControlError, numberIn, textIn, wordsIn, type Control } from './control-call.ts';
import type { ControlRoute } from './routes.ts';

/** docs.stripe.com/stripe-apps/build-backend: an expired secret may live on for up to 24 hours. */
const ROLL_SECONDS_MAX = 24 * 3600;

const MODES: Readonly<Record<string, boolean>> = { test: false, live: true };

/** What can be done to a Stripe App: its installs, its users, its secret and its restricted keys. */
export const APP_ROUTES: readonly ControlRoute[] = [
  { method: 'POST', path: 'app', run: nameApp },
  { method: 'POST', path: 'app_secret/roll', run: rollSecret },
  { method: 'GET', path: 'apps/installs', run: ({ engine }) => ({ data: listInstalls(engine) }) },
  { method: 'POST', path: 'apps/installs', run: install },
  { method: 'POST', path: 'apps/installs/uninstall', run: uninstallOf },
  { method: 'POST', path: 'apps/installs/{}/uninstall', run: uninstall },
  { method: 'POST', path: 'apps/installs/{}/permissions', run: permit },
  { method: 'POST', path: 'apps/sessions', run: startSession },
  { method: 'POST', path: 'apps/restricted_keys', run: makeRestrictedKey },
  { method: 'POST', path: 'apps/restricted_keys/revoke', run: revokeRestrictedKey },
];

/** An install, and whether it may do everything, for want of a list of permissions. */
export type InstallView = Install & { everything_granted: boolean };

/** Every install, of all accounts and in both modes. */
export function listInstalls({ store }: Engine): InstallView[] {
  return [...store.everywhere('apps.install')].map(view);
}

function nameApp({ engine, body }: Control): unknown {
  const id = textIn(body, 'id') ?? '';
  if (!/^[\w.-]{1,255}$/.test(id))
    throw new ControlError(400, 'invalid_body', '"id" is the one of the manifest, as com.example.app.');
  changeApp(engine, { id });
  return { id };
}

/** Gives the app a new secret; the old one signs beside it for `expires_in_seconds`. */
function rollSecret({ engine, body }: Control): unknown {
  const seconds = numberIn(body, 'expires_in_seconds', ROLL_SECONDS_MAX);
  if (seconds < 0 || seconds > ROLL_SECONDS_MAX)
    throw new ControlError(400, 'invalid_body', 'An old secret lives on for 24 hours at most.');
  const secret = textIn(body, 'secret') ?? `absec_${engine.random.text(32)}`;
  if (!/^absec_\w+$/.test(secret))
    throw new ControlError(400, 'invalid_body', '"secret" begins with absec_.');
  const previous = appOf(engine).secrets[0]?.secret;
  const endsAt = engine.clock.seconds() + seconds;
  rollAppSecret(engine, secret, endsAt);
  return { secret, previous, previous_expires_at: endsAt };
}

/** Installs the app on an account in each of the modes: one that exists, or a new one of its owner's. */
function install({ engine, body }: Control): unknown {
  const modes = modesIn(body, [false]);
  const app = textIn(body, 'app') ?? appOf(engine).id;
  const account = accountIn(body) ?? `acct_${engine.random.text(16)}`;
  const permissions = wordsIn(body, 'permissions');
  const channel = textIn(body, 'channel') ?? 'public';
  return engine.store.transaction(() => {
    for (const livemode of modes)
      installApp(platformOf(engine, livemode), account, { app, channel, permissions });
    const data = listInstalls(engine).filter((each) => each.account === account && each.app === app);
    return { account, data };
  });
}

/** Uninstalls from an account: in the modes that are named, or wherever it is installed. */
function uninstallOf({ engine, body }: Control): unknown {
  const account = accountIn(body);
  const modes = modesIn(body, [true, false]);
  const rows = [...engine.store.everywhere('apps.install')].filter(
    ({ livemode, object }) => object['account'] === account && modes.includes(livemode),
  );
  if (rows.length === 0)
    throw new ControlError(404, 'not_found', `No app is installed on ${account} in this mode.`);
  return engine.store.transaction(() => ({ data: rows.map((row) => end(engine, row)) }));
}

function uninstall({ engine, ids }: Control): unknown {
  const row = installRow(engine, ids[0] ?? '');
  return engine.store.transaction(() => end(engine, row));
}

/** Changes what is granted, and what a newer version of the app waits for. */
function permit({ engine, ids, body }: Control): unknown {
  const row = installRow(engine, ids[0] ?? '');
  const change = { granted: wordsIn(body, 'granted'), pending: wordsIn(body, 'pending') };
  if (change.granted === undefined && change.pending === undefined)
    throw new ControlError(400, 'invalid_body', 'Name "granted", "pending" or both.');
  return engine.store.transaction(() => {
    changePermissions(platformOf(engine, row.livemode), asInstall(row), change);
    return view(row);
  });
}

/** A Dashboard user with the app's extension before them, and the key that it signs with. */
function startSession({ engine, body }: Control): Session {
  const account = accountIn(body);
  if (account === undefined)
    throw new ControlError(400, 'invalid_body', '"account" is the account whose Dashboard it is.');
  const platform = platformOf(engine, body['livemode'] === true);
  const who = { user: textIn(body, 'user'), roles: rolesIn(body) };
  return engine.store.transaction(() => openSession(platform, account, who));
}

/** A key as the owner of an account copies it into an app that asks for one. Nothing connects the two. */
function makeRestrictedKey({ engine, body }: Control): unknown {
  const livemode = body['livemode'] === true;
  const platform = platformOf(engine, livemode);
  const named = accountIn(body);
  const permissions = wordsIn(body, 'permissions') ?? null;
  const key = `rk_${livemode ? 'live' : 'test'}_${engine.random.text(32)}`;
  return engine.store.transaction(() => {
    const account = named ?? platform.newId('account');
    if (account !== platform.account && !platform.row('account', account)) {
      openAccount(platform, { id: account, via: 'app' });
      platform.conceal('account', account, { gone: true });
    }
    handOut(platform, key, account, { by: 'restricted', permissions });
    return { key, account, livemode, permissions };
  });
}

function revokeRestrictedKey({ engine, body }: Control): unknown {
  const revoked = revokeKey(engine, textIn(body, 'key') ?? '');
  if (revoked) return { account: revoked.account, revoked: true };
  throw new ControlError(404, 'not_found', 'No such key was handed out.');
}

function end(engine: Engine, row: Row): Install {
  return uninstallApp(platformOf(engine, row.livemode), asInstall(row));
}

function installRow({ store }: Engine, id: string): Row {
  const row = store.find('apps.install', id);
  if (row) return row;
  throw new ControlError(404, 'not_found', `No install has the id ${id}.`);
}

function view(row: Row): InstallView {
  return { ...asInstall(row), everything_granted: row.hidden?.['limited'] !== true };
}

function asInstall({ object }: Row): Install {
  return object as unknown as Install;
}

function platformOf(engine: Engine, livemode: boolean): Realm {
  return new Realm(engine, { account: engine.settings.account, livemode }, null);
}

function accountIn(body: Control['body']): string | undefined {
  const account = textIn(body, 'account');
  if (account === undefined || /^acct_\w+$/.test(account)) return account;
  throw new ControlError(400, 'invalid_body', '"account" is an id, as acct_1234567890.');
}

/** The modes that are named, as `livemode`. */
function modesIn(body: Control['body'], standard: boolean[]): boolean[] {
  const modes = wordsIn(body, 'modes')?.map((mode) => MODES[mode]) ?? standard;
  if (modes.length > 0 && modes.every((mode) => mode !== undefined)) return modes;
  throw new ControlError(400, 'invalid_body', '"modes" is an array of "live" and "test".');
}

function rolesIn({ roles }: Control['body']): Role[] | undefined {
  if (roles === undefined) return undefined;
  const given = Array.isArray(roles) ? (roles as (Partial<Role> | null)[]) : [null];
  return given.map((role) => {
    if (typeof role?.id !== 'string')
      throw new ControlError(400, 'invalid_body', '"roles" is an array of {id, name, type}.');
    return { id: role.id, name: role.name ?? role.id, type: role.type ?? 'builtIn' };
  });
}
