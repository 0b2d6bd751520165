import { beforeAll, describe, expect, it } from 'vitest';
import { seedStore } from '../../src/cli/seed/seed.ts';
import type { Database } from '../../src/db/database.ts';
import type { EventRow } from '../../src/events/rows.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, putEvents } from '../support/effects.ts';
import { page } from '../support/event-pages.ts';
import { runQuittance } from '../support/quittance.ts';

const PLAN = { events: 1_500, orders: 300, sellers: 20, days: 30, seed: 7 };
const QUIET = { intoExisting: false, note: () => {} };

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await seedStore(database, PLAN, QUIET);
});

/** What a seed decides, without the times. */
async function facts({ sql }: Database): Promise<unknown> {
  return sql`
    select (select md5(string_agg(id || type || account || object_id || deliveries, ',' order by id))
            from quittance.event) as events,
           (select md5(string_agg(id || status || amount || currency || email, ',' order by id))
            from quittance.orders) as orders`;
}

describe('quittance seed', () => {
  it('makes a store in which every state occurs, and whose log is in the order of time', async () => {
    const running = await runQuittance(url, {}, { work: false });
    const rows: EventRow[] = [];
    for (let next: number | null = 0; next !== null;) {
      const found: { data: EventRow[]; next: number | null } = await page(
        running,
        `?limit=1000&after=${next}`,
      );
      rows.push(...found.data);
      next = found.next;
    }
    expect(rows).toHaveLength(PLAN.events);
    expect(new Set(rows.map(({ status }) => status)).size).toBe(5);
    expect(rows.every(({ id, livemode }) => id.startsWith('evt_seed') && !livemode)).toBe(true);
    const times = rows.map((row) => row.received_at);
    expect(times).toEqual(times.toSorted());
    const [{ states, shares, refunds }] = (await database.sql`
      select (select count(distinct status) from quittance.orders) as states,
             (select count(*) from quittance.order_share) as shares,
             (select count(*) from quittance.refund) as refunds`) as [
      { states: number; shares: number; refunds: number },
    ];
    expect(states).toBeGreaterThanOrEqual(7);
    expect(shares).toBeGreaterThan(20);
    expect(refunds).toBeGreaterThan(3);
    // Of one that was seeded the whole story is there.
    const detail = await running.api('/api/events/evt_seed000000004');
    expect(await detail.json()).toMatchObject({
      payload: { id: 'evt_seed000000004' },
      changed: [{ kind: 'order', id: 'ord_seed000000001' }],
    });
  });

  it('gives the same store for the same seed, and another one for another', async () => {
    const [same, other] = [await freshDatabase(), await freshDatabase()];
    await seedStore(same.database, PLAN, QUIET);
    await seedStore(other.database, { ...PLAN, seed: 8 }, QUIET);
    expect(await facts(same.database)).toEqual(await facts(database));
    expect(await facts(other.database)).not.toEqual(await facts(database));
  });

  it('touches nothing real', async () => {
    await expect(seedStore(database, PLAN, QUIET)).rejects.toMatchObject({ code: 'seed_twice' });
    const real = await freshDatabase();
    await putEvents(real.database, [eventOf('cus_real')]);
    await expect(seedStore(real.database, PLAN, QUIET)).rejects.toMatchObject({ code: 'seed_not_empty' });
    await seedStore(real.database, PLAN, { ...QUIET, intoExisting: true });
    const [first] = await real.database.sql`select id from quittance.event order by received_at, seq limit 1`;
    expect(first).toMatchObject({ id: expect.not.stringMatching(/^evt_seed/) });
    const live = await freshDatabase();
    await putEvents(live.database, [eventOf('cus_live', { livemode: true })]);
    const refused = seedStore(live.database, PLAN, { ...QUIET, intoExisting: true });
    await expect(refused).rejects.toMatchObject({ code: 'seed_live_mode' });
  });
});
