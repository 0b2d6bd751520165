import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, effectsOf, effectTable, eventOf, record, untilDone } from '../support/effects.ts';
import { sign, WEBHOOK_SECRET } from '../support/events.ts';
import { runQuittance } from '../support/quittance.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

/** Lets everything the database knows become older by so many seconds. */
async function grow(seconds: number): Promise<void> {
  const columns = await database.sql<{ place: string; name: string }>`
    select format('%I.%I', table_schema, table_name) as place, quote_ident(column_name) as name
    from information_schema.columns
    where table_schema in ('quittance', 'graphile_worker') and data_type = 'timestamp with time zone'
      and table_name <> 'process' and is_updatable = 'YES'`;
  for (const { place, name } of columns) {
    await database.pool.query(`update ${place} set ${name} = ${name} - interval '${seconds} seconds'`);
  }
}

describe('case 24: the same event, long afterwards', () => {
  it.each([
    ['25 hours', 25 * HOUR],
    ['3 days', 3 * DAY],
    ['15 days', 15 * DAY],
    ['30 days', 30 * DAY],
    ['a year', 365 * DAY],
  ])('after %s has no second effect', async (_, later) => {
    let now = Date.now();
    const { post, stop, quittance } = await runQuittance(url, {
      clock: { now: () => now },
      handlers: { 'customer.updated': record },
    });
    const event = eventOf('cus_again');
    const deliver = async (): Promise<number> => {
      const signature = sign(JSON.stringify(event), WEBHOOK_SECRET, Math.floor(now / 1000));
      return (await post(event, { 'stripe-signature': signature })).status;
    };
    expect(await deliver()).toBe(200);
    await untilDone(database, [event]);
    const first = await detailOf(database, event);

    now += later * 1000;
    await grow(later);
    // Whatever tidies up by itself: the timetable's own jobs, and a start.
    await quittance.sweepOrders();
    const fresh = await runQuittance(url, {
      clock: { now: () => now },
      handlers: { 'customer.updated': record },
    });
    expect(await deliver()).toBe(200);
    const marker = eventOf('cus_marker');
    const signature = sign(JSON.stringify(marker), WEBHOOK_SECRET, Math.floor(now / 1000));
    expect((await post(marker, { 'stripe-signature': signature })).status).toBe(200);
    await untilDone(database, [event, marker]);

    expect(await effectsOf(database, [event])).toHaveLength(1);
    const second = await detailOf(database, event);
    expect(second).toMatchObject({ seq: first.seq, deliveries: 2, status: 'done' });
    // Control: the database did grow old, and a new event did have its effect.
    expect(Date.parse(first.received_at) - Date.parse(second.received_at)).toBe(later * 1000);
    expect(await effectsOf(database, [marker])).toHaveLength(1);
    await fresh.stop();
    await stop();
  });
});
