import { beforeAll, expect, test } from 'vitest';
import type { Install } from '../../src/apps/install.ts';
import type { Database } from '../../src/db/database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { uninstallApp } from '../support/installs.ts';
import { CONNECT_SECRET } from '../support/marketplace.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';
import { registerWebhook, STRIPE_KEY } from '../support/shop.ts';
import { Visitor } from '../support/visitor.ts';

// The application that the simulator's events are about.
const SIMULATED_APP = 'ca_QuittanceSimulator00000000000000';
const clock = { aheadMs: 0, now: (): number => Date.now() + clock.aheadMs };

let database: Database;
let simulator: Simulator;
let server: Running;
const reached: string[] = [];

beforeAll(async () => {
  const place = await freshDatabase();
  ({ database } = place);
  simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
  server = await runQuittance(place.url, {
    stripeSecretKey: STRIPE_KEY,
    stripeApiBase: simulator.url,
    stripeConnectWebhookSecret: CONNECT_SECRET,
    stripeAppClientId: SIMULATED_APP,
    clock,
    app: {
      access: 'oauth',
      onInstall: async (_, { stripe }) => void reached.push((await stripe.accounts.retrieveCurrent()).id),
    },
  });
  await registerWebhook(simulator.url, `${server.url}/api/webhook/connect`, {
    secret: CONNECT_SECRET,
    connect: true,
  });
});

const kept = () => database.sql<{ owner: string }>`select owner from quittance.vault`;
const installs = () => database.sql<Install>`select * from quittance.install order by installed_at`;
const endOf = (account: string) =>
  until(async () => {
    const all = await installs();
    return all.find((each) => each.account === account && each.status === 'uninstalled');
  }, `the end of the install on ${account}`);

async function install(): Promise<Install> {
  const visitor = new Visitor();
  const { location } = await visitor.get(`${server.url}/apps/install`);
  const body = new URLSearchParams({ outcome: 'skip' });
  const answer = await fetch(location ?? '', { method: 'POST', body, redirect: 'manual' });
  const back = await visitor.get(answer.headers.get('location') ?? '');
  expect([back.status, back.text]).toEqual([303, '']);
  return (await installs()).at(-1) as Install;
}

test('an install by OAuth calls Stripe as its account, and leaves no token behind when it ends', async () => {
  const { id, account } = await install();
  await until(async () => reached.includes(account), 'the hook of the install');
  expect(await kept()).toEqual([{ owner: id }]);
  await uninstallApp(simulator, account);
  await endOf(account);
  expect(await kept()).toEqual([]);
});

test('an install whose token had ended before it was uninstalled ends all the same', async () => {
  // Nothing tells its id at Stripe, so that its token has to tell whether it stands.
  simulator.faults.add({ kind: 'drop', match: 'apps.install.' });
  const { account } = await install();
  await until(async () => reached.includes(account), 'the hook of the install');
  clock.aheadMs += 3_600_000;
  await simulator.clock.advance(3_600);
  await uninstallApp(simulator, account);
  await endOf(account);
  expect(await kept()).toEqual([]);
});
