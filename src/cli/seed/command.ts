import { Command } from 'commander';
import type { Database } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { QuittanceError } from '../../errors.ts';
import { withDatabase } from '../database.ts';
import { readEnvironment } from '../environment.ts';
import { positive, wholeNumber } from '../values.ts';
import { analyzeSeed, insertEnds, insertEvents, insertWaiting } from './event-rows.ts';
import { insertMoney, insertOrders } from './order-rows.ts';
import type { SeedPlan } from './plan.ts';
import { beginSeed, insertSellers, lookInto } from './store-rows.ts';

const ROWS_PER_STEP = 25_000;
const WAITING_PAYMENTS_MAX = 300;
const DAY_MS = 86_400_000;

interface SeedFlags {
  events: number;
  orders: number;
  sellers: number;
  days: number;
  seed: number;
  intoExisting?: boolean;
}

export function seedCommand(): Command {
  return new Command('seed')
    .description('fill a database with a made-up store, to look at and to measure with')
    .option('--events <n>', 'events in the log', positive, 20_000)
    .option('--orders <n>', 'orders', positive, 4_000)
    .option('--sellers <n>', 'connected accounts', wholeNumber, 50)
    .option('--days <n>', 'over how many days, until now', positive, 120)
    .option('--seed <n>', 'the same number gives the same store', wholeNumber, 1)
    .option('--into-existing', 'also when there is something already, behind the newest event')
    .addHelpText(
      'after',
      '\nEverything is in test mode, and its ids begin with "seed": evt_seed…, ord_seed…, acct_seed…. Nothing of it ' +
        'exists\nat Stripe: a server with a key will ask for the open orders and be told so. A million events with ' +
        '200,000 orders\ntake about a minute and 2 GB. A database with live mode in it is refused.',
    )
    .action(async ({ intoExisting = false, ...wanted }: SeedFlags) => {
      const { Jobs } = await import('../../jobs/jobs.ts'); // large: only for who wants it
      await withDatabase(readEnvironment(), async (database) => {
        await migrate(database, () => Jobs.migrate(database));
        await seed(database, await planOf(database, wanted, intoExisting));
      });
    });
}

async function planOf(
  database: Database,
  wanted: Omit<SeedFlags, 'intoExisting'>,
  intoExisting: boolean,
): Promise<Omit<SeedPlan, 'base'>> {
  const { empty, livemode, seeded, newest } = await lookInto(database.sql);
  if (livemode) throw refused('seed_live_mode', 'it holds live mode. Seed a database of its own');
  if (seeded) throw refused('seed_twice', 'it was seeded before. Begin with an empty one');
  if (!empty && !intoExisting) {
    throw refused('seed_not_empty', 'it is not empty. Use another one, or say --into-existing');
  }
  const start = Math.max(Date.now() - wanted.days * DAY_MS, newest?.getTime() ?? 0);
  return { ...wanted, start: new Date(start) };
}

// One transaction: what is cut short leaves nothing behind.
async function seed(database: Database, wanted: Omit<SeedPlan, 'base'>): Promise<void> {
  const began = performance.now();
  await database.transaction(async (sql, _nested, connection) => {
    const plan: SeedPlan = { ...wanted, base: await beginSeed(connection, sql, wanted) };
    await insertSellers(sql, plan);
    note(`${plan.sellers} sellers`);
    await inSteps(plan.orders, 'orders', (first, last) => insertOrders(sql, plan, first, last));
    await insertMoney(sql);
    await inSteps(plan.events, 'events', async (first, last) => {
      await insertEvents(sql, plan, first, last);
      await insertEnds(sql, plan, first, last);
    });
    await insertWaiting(sql, plan, Math.min(WAITING_PAYMENTS_MAX, Math.floor(plan.events / 50)));
  });
  await analyzeSeed(database.pool);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `${wanted.events} events and ${wanted.orders} orders are there, after ${seconds} s.\n`,
  );
}

async function inSteps(
  count: number,
  what: string,
  insert: (first: number, last: number) => Promise<void>,
): Promise<void> {
  for (let first = 1; first <= count; first += ROWS_PER_STEP) {
    const last = Math.min(first + ROWS_PER_STEP - 1, count);
    await insert(first, last);
    note(`${last} of ${count} ${what}`);
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function refused(code: string, why: string): QuittanceError {
  return new QuittanceError({ code, message: `This database is not seeded: ${why}.` });
}
