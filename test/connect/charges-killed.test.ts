import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Failpoint } from '../../src/failpoints.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { pay, stripeOf } from '../support/buyer.ts';
import { CATALOGUE, sharesOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { freePort, startServer, type ServerProcess } from '../support/server-process.ts';
import { registerWebhook, STRIPE_KEY } from '../support/shop.ts';

const CONFIG = `export default { products: ${JSON.stringify(CATALOGUE)} };`;
// The last place before the payment, the fulfilment and the planned transfers are committed together.
const PLACE: Failpoint = 'settle.after_fulfil';

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

describe('case 26: kill -9 between a paid cart and its transfers', () => {
  it(`at ${PLACE}: one transfer for each seller, by the next process`, async () => {
    const simulator = await startSimulator({ port: 0, redirectWaitMs: 0 });
    onTestFinished(() => simulator.close());
    const stripe = stripeOf(simulator);
    await database.pool.query('truncate quittance.seller cascade');
    const place = { stripe, sql: database.sql };
    const sellers = [await readySeller(place, 'ann'), await readySeller(place, 'bob')];
    const port = await freePort();
    await registerWebhook(simulator.url, `http://127.0.0.1:${port}/api/webhook`);
    const start = async (role: 'web' | 'work', failpoint?: Failpoint): Promise<ServerProcess> => {
      const env = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_BASE: simulator.url };
      const dies = failpoint ? { failpoint: { name: failpoint, count: 1 } } : {};
      const started = await startServer({ databaseUrl: url, port, role, config: CONFIG, env, ...dies });
      await started.ready;
      return started;
    };
    const web = await start('web');
    const doomed = await start('work', PLACE);
    const answer = await fetch(`${web.url}/api/create-payment-link`, {
      method: 'POST',
      body: JSON.stringify({ items: [{ id: 'cabin' }, { id: 'boat' }] }),
    });
    const { data } = (await answer.json()) as { data: { url: string; order_id: string } };
    expect(await pay(data)).toBe(true);
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([PLACE]);
    // Control: nothing of what it had begun is there.
    const order = { order: data.order_id };
    expect(await database.sql`select from quittance.movement`).toEqual([]);
    expect(await sharesOf(place, order)).toMatchObject([{ transfer: null }, { transfer: null }]);
    await start('work');
    await until(
      async () => (await sharesOf(place, order)).every(({ transfer }) => transfer !== null),
      'the transfers',
    );
    const made = await stripe.transfers.list({ transfer_group: data.order_id });
    const told = made.data.map(({ destination, amount }) => [destination, amount] as const);
    expect(told).toHaveLength(2);
    expect(Object.fromEntries(told)).toEqual({
      [sellers[0]?.account ?? '']: 9_000,
      [sellers[1]?.account ?? '']: 4_850,
    });
  });
});
