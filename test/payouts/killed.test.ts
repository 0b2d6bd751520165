import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { fundSeller } from '../support/marketplace.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { ask, manualSeller, payoutsAt, shown, statusesOf } from './support.ts';

const PLACE = 'movement.after_stripe';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

describe('case 30: kill -9 between a payout and what we know of it', () => {
  it(`at ${PLACE}: one payout, found by the next process when it is asked again`, async () => {
    const simulator = await startSimulator({ port: 0 });
    onTestFinished(() => simulator.close());
    const place = { stripe: stripeOf(simulator), sql: database.sql };
    const seller = await manualSeller(place);
    await fundSeller(place, seller, 10_000);
    const start = async (dies: Partial<Parameters<typeof startServer>[0]> = {}): Promise<ServerProcess> => {
      const env = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_BASE: simulator.url };
      const started = await startServer({ databaseUrl: url, env, ...dies });
      await started.ready;
      return started;
    };
    const doomed = await start({ failpoint: { name: PLACE, count: 1 } });
    const request = { body: { amount: 4_000, currency: 'usd' }, key: 'friday' };
    await expect(ask(doomed, 'POST', seller, 'payouts', request)).rejects.toThrow();
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    // Controls: Stripe has made it, and nobody here knows.
    const made = await payoutsAt(place, seller);
    expect(made).toHaveLength(1);
    expect(await statusesOf(place, seller)).toEqual([]);

    const again = await ask(await start(), 'POST', seller, 'payouts', request);
    expect(again.status).toBe(201);
    expect(await statusesOf(place, seller)).toEqual(['pending']);
    expect(shown(again).id).toBe(made[0]?.id);
    expect(await payoutsAt(place, seller)).toHaveLength(1);
  });
});
