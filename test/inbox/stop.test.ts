import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  gate,
  putEvents,
  record,
  untilDone,
} from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

async function traces(): Promise<{ processes: number; inHand: number; connections: number }> {
  const [row] = await database.sql<{ processes: number; inHand: number; connections: number }>`
    select (select count(*) from quittance.process) as processes,
           (select count(*) from quittance.in_hand) as "inHand",
           (select count(*) from pg_stat_activity
            where datname = current_database() and application_name like 'quittance %') as connections`;
  return row as { processes: number; inHand: number; connections: number };
}

describe('stopping', () => {
  it('finishes the running batch and leaves nothing behind', async () => {
    const events = eventsApart(20, 'cus_stop');
    const [running, finish] = [gate(), gate()];
    await putEvents(database, events);
    const { quittance, stop } = await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          running.open();
          await finish.opened;
          return record(context);
        },
      },
    });
    await running.opened;
    expect((await traces()).inHand).toBeGreaterThan(0);
    const stopped = stop();
    quittance.wake();
    finish.open();
    await stopped;
    expect(await effectsOf(database, events)).toHaveLength(20);
    await until(async () => (await traces()).connections === 0, 'all connections to be closed');
    expect(await traces()).toEqual({ processes: 0, inHand: 0, connections: 0 });
    expect(await database.sql`select from quittance.failure`).toEqual([]);
  });

  it('does not begin the next event of an object', async () => {
    const events = Array.from({ length: 30 }, () => eventOf('cus_many'));
    const running = gate();
    await putEvents(database, events);
    const { stop } = await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          running.open();
          await context.sql`select pg_sleep(0.1)`;
          return record(context);
        },
      },
    });
    await running.opened;
    await stop();
    const done = await effectsOf(database, events);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(30);
    // The next process goes on where this one ended, in order.
    const next = await runQuittance(url, { handlers: { 'customer.updated': record } });
    await untilDone(database, events);
    expect((await effectsOf(database, events)).map(({ event }) => event)).toEqual(events.map(({ id }) => id));
    await next.stop();
  });

  it('takes less than 10 s whatever never ends, and the next process has it at once', async () => {
    const promise = eventOf('cus_promise');
    const statement = eventOf('cus_statement');
    const job = eventOf('cus_job', { type: 'customer.created' });
    const all = [promise, statement, job];
    const running = { cus_promise: gate(), cus_statement: gate(), job: gate() };
    const first = await runQuittance(url, {
      handlers: {
        'customer.created': ({ enqueue }) => enqueue('endless', 7),
        'customer.updated': async (context) => {
          await record(context);
          running[context.object.id as 'cus_promise'].open();
          if (context.object.id === 'cus_promise') await new Promise(() => {});
          await context.sql`select pg_sleep(1000)`;
        },
      },
      jobs: {
        endless: () => {
          running.job.open();
          return new Promise(() => {});
        },
      },
    });
    await putEvents(database, [job]);
    await untilDone(database, [job]);
    await putEvents(database, [promise]);
    await running.cus_promise.opened;
    await putEvents(database, [statement]);
    await Promise.all([running.cus_statement.opened, running.job.opened]);
    // Somebody watches, and what they see can't be read.
    await first.api('/api/today/events');
    const hanging = await database.connect();
    await hanging.query('begin; lock table quittance.orders in access exclusive mode');
    const waiting = (): Promise<unknown[]> => database.sql`select from pg_locks where not granted`;
    await until(async () => (await waiting()).length > 0, 'the watcher to wait');

    const began = performance.now();
    await first.stop();
    expect(performance.now() - began).toBeLessThan(13_000);
    await hanging.query('rollback');
    hanging.release();
    expect(await effectsOf(database, all)).toEqual([]);
    await until(async () => (await traces()).connections === 0, 'all connections to be closed');
    const [left] = await database.sql`select locked_by, attempts from graphile_worker.jobs`;
    expect(left).toEqual({ locked_by: null, attempts: 1 });

    const again: unknown[] = [];
    const next = await runQuittance(url, {
      handlers: { 'customer.updated': record },
      jobs: { endless: (payload) => again.push(payload) },
    });
    await untilDone(database, all);
    expect(await effectsOf(database, all)).toHaveLength(2);
    for (const event of [promise, statement]) {
      expect(await detailOf(database, event)).toMatchObject({ status: 'done', attempts: 1 });
    }
    await until(async () => again.length > 0, 'the job to run again');
    expect(again).toEqual([7]);
    await next.stop();
  });
});
