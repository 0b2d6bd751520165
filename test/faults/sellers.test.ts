import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { FAILPOINTS, type Failpoint } from '../../src/failpoints.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { API_KEY } from '../support/quittance.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { STRIPE_KEY } from '../support/shop.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

const PLACES = FAILPOINTS.filter((name) => name.startsWith('seller.'));

describe('case 30: kill -9 while the account of a seller is made', () => {
  it.each(PLACES)('at %s: the same request leads to the same seller and one account', async (name) => {
    const simulator = await startSimulator({ port: 0 });
    onTestFinished(() => simulator.close());
    const env = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_BASE: simulator.url };
    const start = async (failpoint?: Failpoint): Promise<ServerProcess> => {
      const doomed = failpoint ? { failpoint: { name: failpoint, count: 1 } } : {};
      const started = await startServer({ databaseUrl: url, env, ...doomed });
      await started.ready;
      return started;
    };
    const take = (web: ServerProcess): Promise<Response> =>
      fetch(`${web.url}/api/connect/sellers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}` },
        body: JSON.stringify({
          reference: `killed-${name}`,
          country: 'US',
          individual: { last_name: 'Lee' },
        }),
      });
    const doomed = await start(name);
    await expect(take(doomed)).rejects.toThrow();
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    const stripe = stripeOf(simulator);
    const accounts = async (): Promise<string[]> => (await stripe.accounts.list()).data.map(({ id }) => id);
    const atDeath = await accounts();
    expect(atDeath).toHaveLength(name === 'seller.after_stripe' ? 1 : 0);
    const [row] = await database.sql<{ id: string; account: null; create_params: object }>`
      select id, account, create_params from quittance.seller where reference = ${`killed-${name}`}`;
    // Written before Stripe was called, with all that it was or will be asked for.
    expect(row).toMatchObject({ account: null, create_params: { metadata: { quittance_seller: row?.id } } });

    const answer = await take(await start());
    expect(answer.status).toBe(200);
    const { seller } = (await answer.json()) as { seller: { id: string; account: string } };
    expect(seller.id).toBe(row?.id);
    expect(await accounts()).toEqual([seller.account]);
    expect(atDeath.every((account) => account === seller.account)).toBe(true);
  });
});
