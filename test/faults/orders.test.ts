import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { FAILPOINTS, type Failpoint } from '../../src/failpoints.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { linkFrom, orderFrom, pay, stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { API_KEY, until } from '../support/quittance.ts';
import { freePort, startServer, type ServerProcess } from '../support/server-process.ts';
import { registerWebhook, STRIPE_KEY } from '../support/shop.ts';

const placesOf = (part: string): Failpoint[] => FAILPOINTS.filter((name) => name.startsWith(`${part}.`));

const CONFIG = `export default {
  products: [{ id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' }],
  fulfil: async (order, { sql }) => {
    await sql\`insert into public.fulfilled (order_id) values (\${order.id})\`;
  },
};`;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await database.pool.query('create table public.fulfilled (order_id text not null)');
});

interface Town {
  simulator: Simulator;
  start: (role: 'web' | 'work', failpoint?: Failpoint) => Promise<ServerProcess>;
}

/** A Stripe that posts to one port, and processes that can be started there again and again. */
async function makeTown(): Promise<Town> {
  const simulator = await startSimulator({ port: 0, redirectWaitMs: 0 });
  onTestFinished(() => simulator.close());
  const port = await freePort();
  await registerWebhook(simulator.url, `http://127.0.0.1:${port}/api/webhook`);
  const env = {
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_quittance_suite_key',
    STRIPE_API_BASE: simulator.url,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  };
  const start: Town['start'] = async (role, name) => {
    const failpoint = name ? { failpoint: { name, count: 1 } } : {};
    const started = await startServer({ databaseUrl: url, port, role, config: CONFIG, env, ...failpoint });
    await started.ready;
    return started;
  };
  return { simulator, start };
}

async function orderOf(web: ServerProcess, id: string): Promise<{ status: string }> {
  const answer = await fetch(`${web.url}/api/orders/${id}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  return (await answer.json()) as { status: string };
}

describe('case 30: kill -9 while a Checkout Session is made', () => {
  it.each(placesOf('checkout'))('at %s: the same request finds the same order, one session', async (name) => {
    const { simulator, start } = await makeTown();
    const before = await database.sql`select id from quittance.orders`;
    const doomed = await start('web', name);
    await expect(orderFrom(doomed, { key: `click-${name}` })).rejects.toThrow();
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    const after = await database.sql`select id from quittance.orders`;
    expect(after.length).toBe(before.length + 1); // written before Stripe was called

    const web = await start('web');
    const link = await linkFrom(web, { key: `click-${name}` });
    expect(await database.sql`select id from quittance.orders`).toHaveLength(after.length);
    const sessions = await stripeOf(simulator).checkout.sessions.list();
    expect(sessions.data.map(({ id }) => id)).toEqual([link.session]);
    const worker = await start('work');
    expect(await pay(link)).toBe(true);
    await until(async () => (await orderOf(web, link.order)).status === 'fulfilled', 'the order');
    expect(await fulfilments(link.order)).toBe(1);
    worker.child.kill();
  });
});

async function fulfilments(order: string): Promise<number> {
  return (await database.sql`select from public.fulfilled where order_id = ${order}`).length;
}

describe('case 26: kill -9 while an order is settled', () => {
  it.each(placesOf('settle'))('at %s: fulfilled once, by the next process', async (name) => {
    const { start } = await makeTown();
    const web = await start('web');
    const doomed = await start('work', name);
    const link = await linkFrom(web);
    expect(await pay(link)).toBe(true);
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    // Control: nothing of what it had begun is there.
    expect(await fulfilments(link.order)).toBe(0);
    await start('work');
    await until(async () => (await orderOf(web, link.order)).status === 'fulfilled', 'the order');
    expect(await fulfilments(link.order)).toBe(1);
  });
});

describe('case 36: kill -9 of the reconciler', () => {
  it.each(placesOf('reconcile'))('at %s: the next run reads on and misses nothing', async (name) => {
    const simulator = await startSimulator({ port: 0 });
    onTestFinished(() => simulator.close());
    const stripe = stripeOf(simulator);
    const env = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_BASE: simulator.url };
    const run = (more: { failpoint?: { name: Failpoint; count: number } } = {}): Promise<ServerProcess> =>
      startServer({ databaseUrl: url, command: ['reconcile'], config: CONFIG, env, ...more });
    expect(await (await run()).exit).toEqual({ code: 0, signal: null });
    for (let made = 0; made < 250; made += 1) await stripe.customers.create({ name: `c${made}` });
    const doomed = await run({ failpoint: { name, count: 2 } });
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    const stored = async (): Promise<number> =>
      (await database.sql`select from quittance.event where type = 'customer.created'`).length;
    const atDeath = await stored();
    expect(atDeath).toBeGreaterThan(0);
    expect(atDeath).toBeLessThan(250);
    expect(await (await run()).exit).toEqual({ code: 0, signal: null });
    expect(await stored()).toBe(250);
  });
});

describe('the places where a process can be killed', () => {
  it('are all walked by the tests of this folder', () => {
    const walked = new Set([
      'webhook',
      'store',
      'drain',
      'checkout',
      'settle',
      'reconcile',
      'seller',
      'movement',
    ]);
    expect(FAILPOINTS.filter((name) => !walked.has(name.split('.')[0] ?? ''))).toEqual([]);
  });
});
