import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { control } from '../simulator/support/simulator.ts';
import { atEnd } from '../support/at-end.ts';
import { admit, postConnect } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, eventOf, untilDone, untilStatus } from '../support/effects.ts';
import { makeEvent } from '../support/events.ts';
import { APP_ID, installApp, runAppServer, uninstallApp, type AppServer } from '../support/installs.ts';
import { until } from '../support/quittance.ts';

let database: Database;
let simulator: Simulator;
let app: AppServer;
let accounts = 0;
// Accounts whose `onInstall` throws, once.
const failing = new Set<string>();

beforeAll(async () => {
  const place = await freshDatabase();
  database = place.database;
  simulator = await startSimulator({ port: 0, redirectWaitMs: 1_000 });
  atEnd(() => simulator.close());
  const onInstall = ({ account }: { account: string }): void => {
    if (failing.delete(account)) throw new Error('the hook of the test fails');
  };
  app = await runAppServer(place, { simulator, app: { onInstall } });
});

function newAccount(): string {
  accounts += 1;
  return `acct_life${accounts}`;
}

/** Installs the app and waits until we know. */
async function installed(permissions?: string[]): Promise<{ account: string; id: string }> {
  const more = permissions ? { permissions } : {};
  const account = await installApp(simulator, { account: newAccount(), ...more });
  const { id } = await app.installIn(account, 'installed');
  return { account, id };
}

async function uninstalled(account: string): Promise<void> {
  await uninstallApp(simulator, account);
  await app.installIn(account, 'uninstalled');
}

/** An event that tells of the app on an account, as Stripe sends it. */
function appEvent(type: string, account: string, more: object = {}): ReturnType<typeof makeEvent> {
  const object = type.startsWith('apps.')
    ? { id: 'ainst_old', object: 'apps.install', app: APP_ID, account, ...more }
    : { id: 'ca_any', object: 'application', name: 'Notes', ...more };
  return makeEvent({ type, account, data: { object } });
}

async function post(event: ReturnType<typeof makeEvent>): Promise<void> {
  expect(await postConnect(app, event)).toBe(200);
  await untilDone(database, [event]);
}

/** What the drain has left to do is done, so that nothing more will happen. */
async function settled(): Promise<void> {
  await simulator.deliveriesSettled();
  await until(
    async () => (await database.sql`select from quittance.work`).length === 0,
    'the work to be done',
  );
}

describe('an account that installs the app', () => {
  it('has one install, however many events tell of it, and what waited for it is worked on', async () => {
    const account = newAccount();
    const early = eventOf('cus_early', { account });
    await postConnect(app, early);
    expect(await detailOf(database, early)).toMatchObject({
      status: 'quarantined',
      last_error: 'unknown_account',
    });
    await installApp(simulator, { account });
    const install = await app.installIn(account, 'installed');
    await untilStatus(database, early, 'done');
    await settled();
    const told = await database.sql<{ type: string }>`
      select type from quittance.event where account = ${account} and id <> ${early.id} order by type`;
    expect(told.map(({ type }) => type)).toEqual(['account.application.authorized', 'apps.install.created']);
    expect(await app.installs(account)).toHaveLength(1);
    expect(install).toMatchObject({ account, livemode: false, sandbox: false, access: 'platform' });
    expect(install.stripe_install).toMatch(/^\w+$/);
    const [call] = await app.toldOf('onInstall', install.id);
    expect(call).toMatchObject({ key: expect.stringMatching(/^job_/), more: { restored: false } });
    expect(app.told.filter((each) => each.install.id === install.id)).toHaveLength(1);
    expect(await app.active(account, false)).toMatchObject({ id: install.id });
    expect(await app.active(account, true)).toBeNull();
  });

  it('is told of what was granted and what waits, when it changes', async () => {
    const { account, id } = await installed(['customer_read']);
    const [before] = await app.installs(account);
    expect(before?.permissions_granted).toEqual(['customer_read']);
    const path = `apps/installs/${before?.stripe_install}/permissions`;
    await control(simulator, 'POST', path, { granted: ['charge_read'], pending: ['secret_write'] });
    const [call] = await app.toldOf('onPermissionsChanged', id);
    expect(call?.more).toMatchObject({
      added: ['charge_read'],
      removed: ['customer_read'],
      pending: ['secret_write'],
    });
    expect(call?.install).toMatchObject({
      permissions_granted: ['charge_read'],
      permissions_pending: ['secret_write'],
      approval_required: true,
    });
  });

  it('is passed over when it is about another app, or of somebody who has it not', async () => {
    const account = newAccount();
    await installApp(simulator, { account, app: 'com.example.other' });
    await post(appEvent('apps.install.created', account, { app: 'com.example.other' }));
    await post(appEvent('apps.install.created', account));
    await post(appEvent('account.application.authorized', account));
    await settled();
    expect(await app.installs(account)).toEqual([]);
    const event = eventOf('cus_stranger', { account });
    await postConnect(app, event);
    expect(await detailOf(database, event)).toMatchObject({ last_error: 'unknown_account' });
  });
});

describe('a hook that throws', () => {
  /** What waits for its next attempt does not wait. */
  async function retryNow(): Promise<void> {
    await until(async () => {
      const rows = await database.sql`
        update graphile_worker._private_jobs set run_at = now() where attempts > 0 and locked_at is null
        returning id`;
      return rows.length > 0;
    }, 'the job to have failed');
  }

  it('is called again with the same key', async () => {
    const account = newAccount();
    failing.add(account);
    await installApp(simulator, { account });
    const { id } = await app.installIn(account, 'installed');
    await app.toldOf('onInstall', id);
    await retryNow();
    const [first, second] = await app.toldOf('onInstall', id, 2);
    expect(first?.key).toMatch(/^job_/);
    expect(second?.key).toBe(first?.key);
  });

  it('is not called again once the account has gone', async () => {
    const account = newAccount();
    failing.add(account);
    await installApp(simulator, { account });
    const { id } = await app.installIn(account, 'installed');
    await app.toldOf('onInstall', id);
    await uninstalled(account);
    await app.toldOf('onUninstall', id);
    await retryNow();
    await until(async () => {
      const left = await database.sql`
        select from graphile_worker.jobs where task_identifier = 'quittance.install_hook'`;
      return left.length === 0;
    }, 'the hooks to be through');
    expect(await app.toldOf('onInstall', id)).toHaveLength(1);
  });
});

describe('an account that uninstalls the app', () => {
  it('is let in no more from then on, and its events are put aside; those of others are not', async () => {
    const [gone, other] = [await installed(), await installed()];
    await uninstalled(gone.account);
    const [call] = await app.toldOf('onUninstall', gone.id);
    expect(call?.install).toMatchObject({ status: 'uninstalled', reason: 'uninstalled' });
    const { remove_at, uninstalled_at } = call?.install ?? {};
    const days = (Date.parse(String(remove_at)) - Date.parse(String(uninstalled_at))) / 86_400_000;
    expect(days).toBeCloseTo(30, 3);
    expect(await app.active(gone.account, false)).toBeNull();
    const [aside, done] = [gone, other].map(({ account }) => eventOf('cus_after', { account })) as [
      ReturnType<typeof eventOf>,
      ReturnType<typeof eventOf>,
    ];
    for (const event of [aside, done]) await postConnect(app, event);
    await untilStatus(database, done, 'done');
    expect(await detailOf(database, aside)).toMatchObject({
      status: 'quarantined',
      last_error: 'unknown_account',
    });
  });

  it('goes on where it was when it comes back in time, with what was put aside', async () => {
    const { account, id } = await installed();
    await uninstalled(account);
    const aside = eventOf('cus_aside', { account });
    await postConnect(app, aside);
    await installApp(simulator, { account });
    const back = await app.installIn(account, 'installed');
    expect(back.id).toBe(id);
    const calls = await app.toldOf('onInstall', id, 2);
    expect(calls.map(({ more }) => more.restored)).toEqual([false, true]);
    expect(calls[1]?.install).toMatchObject({ uninstalled_at: null, remove_at: null, reason: null });
    await untilStatus(database, aside, 'done');
  });

  it('does not come back by old news of its coming, nor goes by old news of its going', async () => {
    const { account } = await installed();
    await uninstalled(account);
    await post(appEvent('account.application.authorized', account));
    await post(appEvent('apps.install.created', account));
    expect(await app.installIn(account, 'uninstalled')).toBeTruthy();
    await installApp(simulator, { account });
    await app.installIn(account, 'installed');
    await settled();
    await post(appEvent('account.application.deauthorized', account));
    await post(appEvent('apps.install.deleted', account));
    expect(await app.installs(account)).toMatchObject([{ status: 'installed' }]);
  });

  it('goes on being a seller whose events are worked on', async () => {
    const { account } = await installed();
    await admit(database, account);
    await uninstalled(account);
    const event = eventOf('cus_sold', { account });
    await postConnect(app, event);
    await untilStatus(database, event, 'done');
  });
});

describe('an install that the API ends', () => {
  it('is ended at Stripe too, and begins again when the app is installed anew', async () => {
    const { account, id } = await installed();
    const ended = await app.api(`/api/apps/installs/${id}/uninstall`, 'POST');
    expect(ended).toMatchObject({
      status: 200,
      body: { id, status: 'uninstalled', stripe: { outcome: 'uninstalled' } },
    });
    await settled();
    expect(await app.installs(account)).toMatchObject([{ status: 'uninstalled' }]);
    const again = await app.api(`/api/apps/installs/${id}/uninstall`, 'POST');
    expect(again).toMatchObject({ status: 200, body: { stripe: { outcome: 'not_asked' } } });
    await installApp(simulator, { account });
    expect((await app.installIn(account, 'installed')).id).toBe(id);
  });
});
