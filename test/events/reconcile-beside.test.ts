import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, record, untilDone } from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { reconciledWorld, stored, type World } from '../support/reconciled.ts';
import { STRIPE_KEY } from '../support/shop.ts';

const place = await freshDatabase();
const database: Database = place.database;
await effectTable(database);

let world: World;

beforeEach(async () => {
  world = await reconciledWorld(database);
});

describe('case 37: the reconciler and the webhook bring the same events', () => {
  it("at the same time: one row and one effect each; Stripe's repeats are answered with 200", async () => {
    const { post, quittance } = await runQuittance(place.url, {
      stripeSecretKey: STRIPE_KEY,
      stripeApiBase: world.simulator.url,
      handlers: { 'customer.created': record },
      clock: { now: () => world.simulator.clock.now() },
    });
    for (let round = 0; round < 5; round += 1) {
      const events = await world.happen(40);
      const deliveries = events.map((event) => post(event));
      const [answers] = await Promise.all([
        Promise.all(deliveries),
        world.run(),
        quittance.reconcile().catch(() => {}),
      ]);
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      await untilDone(database, events);
      expect(
        (await Promise.all(events.map((event) => post(event)))).every(({ status }) => status === 200),
      ).toBe(true);
      await untilDone(database, events);
      const effects = await effectsOf(database, events);
      expect(effects.map(({ event }) => event).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    }
    const rows = await stored(database);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    // Control: both ways did bring some of them first.
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['webhook', 'reconcile']));
  });
});

describe('the timetable', () => {
  it('holds the reconciler and the sweeps when there is a key', async () => {
    const schema = async (): Promise<unknown[]> =>
      database.sql`select identifier from graphile_worker._private_known_crontabs order by identifier`;
    await database.sql`delete from graphile_worker._private_known_crontabs`;
    await runQuittance(place.url);
    expect(await schema()).toEqual([]);
    await runQuittance(place.url, { stripeSecretKey: STRIPE_KEY, stripeApiBase: world.simulator.url });
    const rows = await until(async () => {
      const found = await schema();
      return found.length > 0 && found;
    }, 'the timetable');
    expect(rows).toEqual(
      expect.arrayContaining([
        { identifier: 'quittance.reconcile */5 * * * *' },
        { identifier: 'quittance.sweep_accounts * * * * *' },
        { identifier: 'quittance.sweep_movements * * * * *' },
        { identifier: 'quittance.sweep_orders */5 * * * *' },
      ]),
    );
  });
});
