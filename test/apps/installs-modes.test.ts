import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { atEnd } from '../support/at-end.ts';
import { newAccount, postConnect, runGate } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, eventOf, untilDone } from '../support/effects.ts';
import { makeEvent } from '../support/events.ts';
import { installApp, runAppServer, uninstallApp, type AppServer } from '../support/installs.ts';
import { postWebhook, until } from '../support/quittance.ts';

// Three deployments, as an app has them: each with a database, a key and endpoints of its own. A sandbox is
// another Stripe.
let simulator: Simulator;
let sandboxSimulator: Simulator;
let live: AppServer & { database: Database };
let test: AppServer & { database: Database };
let sandbox: AppServer & { database: Database };

beforeAll(async () => {
  [simulator, sandboxSimulator] = await Promise.all(
    [0, 0].map((port) => startSimulator({ port })) as [Promise<Simulator>, Promise<Simulator>],
  );
  atEnd(() => Promise.all([simulator.close(), sandboxSimulator.close()]));
  const run = async (options: Parameters<typeof runAppServer>[1]): Promise<typeof live> => {
    const place = await freshDatabase();
    return { ...(await runAppServer(place, options)), database: place.database };
  };
  live = await run({ simulator, livemode: true });
  test = await run({ simulator });
  sandbox = await run({ simulator: sandboxSimulator, app: { sandbox: true } });
});

/** Every event has arrived at every server, and what could be done was. */
async function settled(): Promise<void> {
  await Promise.all([simulator.deliveriesSettled(), sandboxSimulator.deliveriesSettled()]);
  for (const { database } of [live, test, sandbox]) {
    await until(async () => (await database.sql`select from quittance.work`).length === 0, 'the work');
  }
}

/** The mode of each install that a server has of this account. */
async function modesAt(server: AppServer, account: string): Promise<string[]> {
  const found = await server.installs(account);
  return found.map(({ livemode, sandbox: isSandbox, status }) =>
    [livemode ? 'live' : 'test', isSandbox ? ' sandbox' : '', ` ${status}`].join(''),
  );
}

async function alarmsAt({ database }: { database: Database }, subject: string): Promise<number> {
  const [row] = await database.sql<{ count: number }>`
    select coalesce(sum(count), 0)::integer as count from quittance.alarm where subject = ${subject}`;
  return row?.count ?? 0;
}

describe('an app that is installed', () => {
  it('in live mode only is known to the live server only', async () => {
    const account = await installApp(simulator, { modes: ['live'] });
    await live.installIn(account, 'installed');
    await settled();
    expect(await modesAt(live, account)).toEqual(['live installed']);
    expect(await modesAt(test, account)).toEqual([]);
    expect(await test.active(account, true)).toBeNull();
    expect(await live.active(account, true)).toMatchObject({ account });
  });

  it('in test mode only is known to the test server only', async () => {
    const account = await installApp(simulator, { modes: ['test'] });
    await test.installIn(account, 'installed');
    await settled();
    expect(await modesAt(test, account)).toEqual(['test installed']);
    expect(await modesAt(live, account)).toEqual([]);
  });

  it('in both is an install at each, and test events at the live endpoint alarm nobody', async () => {
    const account = await installApp(simulator, { modes: ['live', 'test'] });
    await live.installIn(account, 'installed');
    await test.installIn(account, 'installed');
    await settled();
    expect(await modesAt(live, account)).toEqual(['live installed']);
    expect(await modesAt(test, account)).toEqual(['test installed']);
    const aside = await live.database.sql`
      select e.livemode, o.status, o.reason from quittance.event e join quittance.outcome o on o.seq = e.seq
      where e.account = ${account}`;
    const strange = { livemode: false, status: 'quarantined', reason: 'livemode_mismatch' };
    expect(aside).toEqual([strange, strange]);
    expect(await alarmsAt(live, 'livemode_mismatch')).toBe(0);
    expect(await (await fetch(`${live.url}/metrics`)).text()).toMatch(
      /quittance_webhooks_total\{result="quarantined"\} 2/,
    );

    await uninstallApp(simulator, account, 'live');
    await live.installIn(account, 'uninstalled');
    await settled();
    expect(await modesAt(test, account)).toEqual(['test installed']);
    const event = eventOf('cus_still', { account });
    expect([await postConnect(live, event), await postConnect(test, event)]).toEqual([200, 200]);
    await untilDone(test.database, [event]);
    expect(await detailOf(test.database, event)).toMatchObject({ status: 'done' });
    expect(await detailOf(live.database, event)).toMatchObject({ last_error: 'livemode_mismatch' });
  });

  it('in a sandbox is known to the sandbox’s server only', async () => {
    const account = await installApp(sandboxSimulator);
    await sandbox.installIn(account, 'installed');
    await settled();
    expect(await modesAt(sandbox, account)).toEqual(['test sandbox installed']);
    for (const server of [live, test]) expect(await modesAt(server, account)).toEqual([]);
  });
});

describe('what nobody can have meant', () => {
  it('alarms: a test event of our own at the live server, a live one at the test server', async () => {
    const event = eventOf('cus_own');
    expect((await postWebhook(live.url, event)).status).toBe(200);
    await until(
      async () => (await alarmsAt(live, 'livemode_mismatch')) === 1,
      'the alarm of the live server',
    );
    const account = newAccount();
    await postConnect(test, eventOf('cus_live', { account, livemode: true }));
    await until(
      async () => (await alarmsAt(test, 'livemode_mismatch')) === 1,
      'the alarm of the test server',
    );
  });
});

describe('a marketplace without an app', () => {
  it('puts aside what tells of installs, and alarms of the other mode', async () => {
    const { url, database } = await freshDatabase();
    const plain = await runGate(url, { stripeSecretKey: 'sk_live_quittance_suite_key' });
    const account = newAccount();
    const event = makeEvent({ type: 'account.application.authorized', account, livemode: true });
    await postConnect(plain, event);
    expect(await detailOf(database, event)).toMatchObject({ last_error: 'unknown_account' });
    await postConnect(plain, eventOf('cus_test', { account }));
    await until(async () => (await alarmsAt({ database }, 'livemode_mismatch')) === 1, 'the alarm');
  });
});
