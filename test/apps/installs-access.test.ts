import { beforeAll, describe, expect, it } from 'vitest';
import type { Install } from '../../src/apps/install.ts';
import type { InstallParts } from '../../src/apps/installs/parts.ts';
import type { Database } from '../../src/db/database.ts';
import { QuittanceError } from '../../src/errors.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import {
  admitAccount,
  dismissAccount,
  isKnownAccount,
  sweepUnknownAccounts,
} from '../../src/inbox/known-accounts.ts';
import type { JobFunction } from '../../src/jobs/context.ts';
import { control } from '../simulator/support/simulator.ts';
import { atEnd } from '../support/at-end.ts';
import { postConnect } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import { untilDone } from '../support/effects.ts';
import { makeEvent } from '../support/events.ts';
import { APP_ID, installApp, makeParts, runAppServer, uninstallApp } from '../support/installs.ts';
import { postWebhook, until } from '../support/quittance.ts';

const NOTHING = { stripeInstall: null, installedAt: null };

let place: { url: string; database: Database };
let database: Database;
let simulator: Simulator;

beforeAll(async () => {
  place = await freshDatabase();
  database = place.database;
  simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
});

/** What an event makes of an install. */
function sync(parts: InstallParts, account: string, told = {}): Promise<Install | null> {
  return database.transaction((sql) =>
    parts.installs.sync(sql, { account, livemode: false }, { ...NOTHING, ...told }),
  );
}

/** The daily check, run now, of installs that were not asked about for a day. */
async function check(parts: InstallParts): Promise<void> {
  const jobs = new Map<string, JobFunction>();
  parts.addJobs({ job: (name, work) => void jobs.set(name, work), cron: () => {} });
  await database.sql`update quittance.install set checked_at = now() - interval '2 days'`;
  await jobs.get('quittance.check_installs')?.(null, {} as never);
}

async function statusOf(account: string): Promise<string | undefined> {
  const rows = await database.sql<{ status: string }>`
    select status from quittance.install where account = ${account}`;
  return rows[0]?.status;
}

async function stripeInstallOf(account: string): Promise<string> {
  const { data } = await control<{ data: { id: string; account: string }[] }>(
    simulator,
    'GET',
    'apps/installs',
  );
  return String(data.findLast((each) => each.account === account)?.id);
}

describe('an account that sells here and has the app', () => {
  it('is swept once, and known until neither is so', async () => {
    const account = 'acct_both';
    for (const held of ['seller', 'install'] as const) await admitAccount(database.sql, account, false, held);
    await database.sql`insert into quittance.unknown_account (account, livemode) values (${account}, false)`;
    expect(await sweepUnknownAccounts(database, () => {})).toEqual([account]);
    await dismissAccount(database.sql, account, false, 'install');
    expect(await isKnownAccount(database.sql, account, false)).toBe(true);
    await dismissAccount(database.sql, account, false);
    expect(await isKnownAccount(database.sql, account, false)).toBe(false);
  });
});

describe('an app that no event told of', () => {
  it('is found by the daily check, which also ends the installs that are gone', async () => {
    const parts = makeParts(database, { simulator, app: { id: APP_ID } });
    const [here, gone] = [await installApp(simulator), await installApp(simulator)];
    await check(parts);
    expect([await statusOf(here), await statusOf(gone)]).toEqual(['installed', 'installed']);
    await uninstallApp(simulator, gone);
    await check(parts);
    expect([await statusOf(here), await statusOf(gone)]).toEqual(['installed', 'uninstalled']);
  });

  it('is found though Stripe can not tell about others', async () => {
    const parts = makeParts(database, { simulator, app: { id: APP_ID } });
    const [first, found, last] = [1, 2, 3].map(() => installApp(simulator));
    for (const odd of [await first, await last]) {
      simulator.faults.add({ kind: 'api_error', match: `accounts/${odd}`, status: 500, when: 'before' });
    }
    await check(parts);
    expect(await statusOf((await found) as string)).toBe('installed');
    expect(await statusOf((await first) as string)).toBeUndefined();
    simulator.faults.clear();
    simulator.faults.add({ kind: 'reset_before', match: 'GET /v1/accounts/' });
    await expect(check(parts)).rejects.toMatchObject({ type: 'StripeConnectionError' });
    simulator.faults.clear();
  });
});

describe('an app whose id nobody has told us', () => {
  it('is where the account can be reached, and where its install stands once that was named', async () => {
    const parts = makeParts(database, { simulator });
    const account = await installApp(simulator);
    expect(await sync(parts, account)).toMatchObject({ status: 'installed', stripe_install: null });
    const named = await stripeInstallOf(account);
    expect(await sync(parts, account, { stripeInstall: named })).toMatchObject({ stripe_install: named });
    await uninstallApp(simulator, account);
    expect(await sync(parts, account)).toMatchObject({ status: 'uninstalled' });
    // An old word of it: the install that it names is gone, and the account with it.
    expect(await sync(parts, account, { stripeInstall: named })).toMatchObject({ status: 'uninstalled' });
    await installApp(simulator, { account });
    const fresh = await stripeInstallOf(account);
    expect(await sync(parts, account, { stripeInstall: fresh })).toMatchObject({ status: 'installed' });
    expect(await sync(parts, account, { stripeInstall: named })).toMatchObject({ status: 'installed' });
    expect(await sync(parts, 'acct_nobody')).toBeNull();
  });
});

describe('an app with keys that accounts hand in', () => {
  it('is installed by the key and not by an event, and ends when Stripe refuses the key', async () => {
    const made = await control<{ key: string; account: string }>(simulator, 'POST', 'apps/restricted_keys');
    const { key, account } = made;
    const parts = makeParts(database, {
      simulator,
      app: { id: APP_ID, access: 'restricted_api_key' },
      keyOf: () => key,
    });
    expect(await sync(parts, account)).toBeNull();
    const install = await database.transaction((sql) =>
      parts.installs.installed(sql, { account, livemode: false, access: 'restricted_api_key' }),
    );
    expect(install).toMatchObject({ status: 'installed', access: 'restricted_api_key' });
    await check(parts);
    expect(await statusOf(account)).toBe('installed');
    await control(simulator, 'POST', 'apps/restricted_keys/revoke', { key });
    await check(parts);
    expect(await statusOf(account)).toBe('uninstalled');
    const [row] = await database.sql`select reason from quittance.install where account = ${account}`;
    expect(row?.reason).toBe('key_refused');
  });
});

describe('an app by OAuth', () => {
  it('begins with the exchange of a code, not with the event of it, and ends with the event', async () => {
    const parts = makeParts(database, { simulator, app: { id: APP_ID, access: 'oauth' } });
    const account = await installApp(simulator);
    expect(await sync(parts, account)).toBeNull();
    const exchanged = { account, livemode: false, access: 'oauth' } as const;
    const both = await Promise.all(
      [1, 2].map(() => database.transaction((sql) => parts.installs.installed(sql, exchanged))),
    );
    expect(both[0]?.id).toBe(both[1]?.id);
    expect(await sync(parts, account)).toMatchObject({ status: 'installed', access: 'oauth' });
    const owner = both[0]?.id;
    for (const kind of ['stripe_token', 'secret'])
      await database.sql`
        insert into quittance.vault (owner, kind, key_id, sealed) values (${owner}, ${kind}, 'k', '')`;
    await uninstallApp(simulator, account);
    expect(await sync(parts, account)).toMatchObject({ status: 'uninstalled' });
    const kept = await database.sql`select kind from quittance.vault where owner = ${owner}`;
    expect(kept).toEqual([{ kind: 'secret' }]);
    await installApp(simulator, { account });
    expect(await sync(parts, account)).toMatchObject({ status: 'uninstalled' });
  });

  it('ends when nothing is kept any more that opens the account', async () => {
    const parts = makeParts(database, {
      simulator,
      app: { access: 'oauth' },
      keyOf: () => {
        throw new QuittanceError({ code: 'not_authorized', message: 'Nothing is kept.' });
      },
    });
    const exchanged = { account: 'acct_refused', livemode: false, access: 'oauth' } as const;
    await database.transaction((sql) => parts.installs.installed(sql, exchanged));
    expect(await sync(parts, 'acct_refused')).toMatchObject({
      status: 'uninstalled',
      reason: 'not_authorized',
    });
  });
});

describe('a private app', () => {
  it('is on our own account from the first need on, whoever told of it', async () => {
    const parts = makeParts(database, { simulator, app: { distribution: 'private' } });
    const own = simulator.account;
    const needs = await Promise.all([1, 2].map(() => parts.active(own, false)));
    expect(needs).toMatchObject([{ account: own }, { id: needs[0]?.id }]);
    expect(await parts.active('acct_somebody', false)).toBeNull();
    await database.sql`delete from quittance.install where account = ${own}`;
  });

  it('begins and ends with what the endpoint for our own account is told', async () => {
    const app = { distribution: 'private' as const, id: 'com.example.private' };
    const server = await runAppServer(place, { simulator, app });
    const own = simulator.account;
    await installApp(simulator, { account: own, app: app.id });
    const install = await until(async () => await server.active(own, false), 'the private app');
    expect(install).toMatchObject({ account: own, status: 'installed' });
    const [call] = await server.toldOf('onInstall', install.id);
    expect(call?.more).toMatchObject({ restored: false });
    const stranger = makeEvent({ type: 'account.application.authorized', account: 'acct_somebody' });
    await postConnect(server, stranger);
    await untilDone(database, [stranger]);
    expect(await server.installs('acct_somebody')).toEqual([]);
    await uninstallApp(simulator, own);
    await server.installIn(own, 'uninstalled');
    expect(await server.active(own, false)).toBeNull();
    const old = makeEvent({
      type: 'apps.install.created',
      data: { object: { id: 'ainst_old', object: 'apps.install', app: app.id, account: own } },
    });
    await postWebhook(server.url, old);
    await untilDone(database, [old]);
    expect(await statusOf(own)).toBe('uninstalled');
  });
});
