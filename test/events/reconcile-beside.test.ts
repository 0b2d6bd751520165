import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, record, untilDone } from '../support/effects.ts';
import { runQuittance } from '../support/quittance.ts';
import { reconciledWorld, stored, type World } from '../support/reconciled.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { timetable } from '../support/timetable.ts';

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
    const WITH_A_KEY = [
      'quittance.reconcile */5 * * * *',
      'quittance.sweep_accounts * * * * *',
      'quittance.sweep_movements * * * * *',
      'quittance.sweep_orders */5 * * * *',
    ];
    await database.sql`delete from graphile_worker._private_known_crontabs`;
    await runQuittance(place.url, { housekeeping: true });
    const without = await timetable(database.sql, 'quittance.tidy_entrances 17 3 * * *');
    expect(without.filter((line) => WITH_A_KEY.includes(line))).toEqual([]);
    const key = { stripeSecretKey: STRIPE_KEY, stripeApiBase: world.simulator.url };
    await runQuittance(place.url, { ...key, housekeeping: true });
    expect(await timetable(database.sql, 'quittance.reconcile */5 * * * *')).toEqual(
      expect.arrayContaining(WITH_A_KEY),
    );
  });
});
