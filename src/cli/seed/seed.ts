import type { Database } from '../../db/database.ts';
import { QuittanceError } from '../../errors.ts';
import { analyzeSeed, insertEnds, insertEvents, insertWaiting } from './event-rows.ts';
import { insertMoney, insertOrders } from './order-rows.ts';
import type { SeedPlan } from './plan.ts';
import { beginSeed, insertPayouts, insertSellers, lookInto } from './store-rows.ts';

const ROWS_PER_STEP = 25_000;
const WAITING_PAYMENTS_MAX = 300;
const EVENTS_PER_WAITING_PAYMENT = 50;
const DAY_MS = 86_400_000;

/** What is wanted. */
export type Wanted = Omit<SeedPlan, 'base' | 'start'>;

/**
 * Fills a database with a made-up store in test mode. One transaction: what is cut short leaves nothing
 * behind. Throws `seed_live_mode`, `seed_twice` and `seed_not_empty`.
 */
export async function seedStore(
  database: Database,
  wanted: Wanted,
  { intoExisting, note }: { intoExisting: boolean; note: (progress: string) => void },
): Promise<void> {
  const from = await startOf(database, wanted, intoExisting);
  const inSteps = async (
    count: number,
    what: string,
    insert: (first: number, last: number) => Promise<void>,
  ): Promise<void> => {
    for (let first = 1; first <= count; first += ROWS_PER_STEP) {
      const last = Math.min(first + ROWS_PER_STEP - 1, count);
      await insert(first, last);
      note(`${last} of ${count} ${what}`);
    }
  };
  await database.transaction(async (sql, _nested, connection) => {
    const start = { ...wanted, start: from };
    const plan: SeedPlan = { ...start, base: await beginSeed(connection, sql, start) };
    await insertSellers(sql, plan);
    await insertPayouts(sql, plan);
    note(`${plan.sellers} sellers`);
    await inSteps(plan.orders, 'orders', (first, last) => insertOrders(sql, plan, first, last));
    await insertMoney(sql);
    await inSteps(plan.events, 'events', async (first, last) => {
      await insertEvents(sql, plan, first, last);
      await insertEnds(sql, plan, first, last);
    });
    const waiting = Math.min(WAITING_PAYMENTS_MAX, Math.floor(plan.events / EVENTS_PER_WAITING_PAYMENT));
    await insertWaiting(sql, plan, waiting);
  });
  await analyzeSeed(database.pool);
}

async function startOf(database: Database, { days }: Wanted, intoExisting: boolean): Promise<Date> {
  const { empty, livemode, seeded, newest } = await lookInto(database.sql);
  if (livemode) throw refused('seed_live_mode', 'it holds live mode. Seed a database of its own');
  if (seeded) throw refused('seed_twice', 'it was seeded before. Begin with an empty one');
  if (!empty && !intoExisting) {
    throw refused('seed_not_empty', 'it is not empty. Use another one, or say --into-existing');
  }
  return new Date(Math.max(Date.now() - days * DAY_MS, (newest?.getTime() ?? 0) + 1));
}

function refused(code: string, why: string): QuittanceError {
  return new QuittanceError({ code, message: `This database is not seeded: ${why}.` });
}
