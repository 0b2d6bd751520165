import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Handler } from '../../src/inbox/handlers.ts';
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
  untilStatus,
} from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
  await database.pool.query(`
    create table public.parent (id text primary key);
    create table public.child (parent text references public.parent deferrable initially deferred)`);
});

/** Runs `bad` for the event with that note, `record` for all others, until the others are done. */
async function runWith(
  bad: Handler,
  prefix: string,
): Promise<{ bad: { id: string }; others: { id: string }[]; stop: () => Promise<void> }> {
  const events = eventsApart(30, prefix);
  const misfit = eventOf(`${prefix}_misfit`, { note: 'bad' });
  events.splice(15, 0, misfit);
  await putEvents(database, events);
  const { stop } = await runQuittance(url, {
    handlers: {
      'customer.updated': (context) => (context.object.note === 'bad' ? bad(context) : record(context)),
    },
    drain: { workers: 1, handlerSecondsMax: 0.5, backoff: () => 3600 },
  });
  const others = events.filter((event) => event !== misfit);
  await untilDone(database, others);
  expect(await effectsOf(database, others)).toHaveLength(others.length);
  return { bad: misfit, others, stop };
}

describe('case 28: a handler that misbehaves', () => {
  it.each<[string, Handler, string | RegExp]>([
    ['never returns', () => new Promise(() => {}), /^QuittanceError: .*had not returned after 0.5 s/],
    [
      'waits for a statement that never ends',
      ({ sql }) => sql`select pg_sleep(1000)`,
      /^QuittanceError: .*had not returned after 0.5 s/,
    ],
    ['throws a string', () => Promise.reject('only words'), 'only words'],
    ['throws undefined', () => Promise.reject(undefined), 'thrown value that is no Error: undefined'],
    ['throws an object', () => Promise.reject({ code: 7 }), 'thrown value that is no Error: {"code":7}'],
    [
      'throws at once',
      () => {
        throw new TypeError('not even a promise');
      },
      'TypeError: not even a promise',
    ],
    [
      'writes what a deferred constraint refuses at commit',
      ({ sql }) => sql`insert into public.child (parent) values ('nobody')`,
      /violates foreign key constraint "child_parent_fkey"/,
    ],
    [
      'leaves a failing statement to itself',
      async ({ sql }) => void sql`insert into public.parent (id) values (null)`,
      /violates not-null constraint|current transaction is aborted/,
    ],
    [
      'swallows the failure of its statement',
      async ({ sql }) => void (await sql`select 1 / 0`.catch(() => {})),
      /current transaction is aborted/,
    ],
    ['commits', ({ sql }) => sql`  commit`, /^QuittanceError: A handler runs inside a transaction/],
    [
      'rolls back behind a comment',
      ({ sql }) => sql`/* ; */ -- x
        rollback to savepoint event`,
      /^QuittanceError: A handler runs inside a transaction/,
    ],
    [
      'gives up the rights of its connection',
      ({ sql }) => sql`select set_config('role', 'pg_monitor', true)`,
      /permission denied/,
    ],
    [
      'ends its own connection',
      ({ sql }) => sql`select pg_terminate_backend(pg_backend_pid())`,
      /terminat|ECONNRESET/,
    ],
  ])('that %s fails alone', async (name, handler, error) => {
    const { bad, stop } = await runWith(handler, `cus_${name.replaceAll(' ', '_')}`);
    const failed = await untilStatus(database, bad, 'retrying');
    expect(failed.attempts).toBe(1);
    expect(failed.failures).toHaveLength(1);
    expect(failed.last_error).toMatch(error);
    await stop();
  });

  it("uses sql after it has returned: refused, and in nobody else's transaction", async () => {
    const late = gate();
    let refusal: unknown;
    const { bad, stop } = await runWith(({ sql }) => {
      void late.opened
        .then(() => sql`insert into public.parent (id) values ('late')`)
        .catch((error: unknown) => {
          refusal = error;
        });
    }, 'cus_late');
    await untilDone(database, [bad]);
    late.open();
    await until(async () => refusal, 'the refusal');
    expect(refusal).toMatchObject({ code: 'handler_over' });
    expect(await database.sql`select from public.parent where id = 'late'`).toEqual([]);
    await stop();
  });

  it('hangs in the wide lane and holds nobody up a second time', async () => {
    const hung: string[] = [];
    const { quittance } = await runQuittance(url, {
      handlers: {
        'customer.updated': record,
        'customer.created': ({ event }) => {
          hung.push(event.id);
          return new Promise(() => {});
        },
      },
      drain: { workers: 2, handlerSecondsMax: 1, backoff: () => 3600 },
    });
    const first = eventOf('cus_hang_1', { type: 'customer.created' });
    await putEvents(database, [first]);
    quittance.wake();
    await untilStatus(database, first, 'retrying');
    // The next ones of this type are run alone: the wide lane is free while they hang.
    const more = eventsApart(3, 'cus_hang_more', { type: 'customer.created' });
    const others = eventsApart(50, 'cus_beside');
    await putEvents(database, [...more, ...others]);
    quittance.wake();
    await untilDone(database, others);
    expect(await detailOf(database, more[2] as { id: string })).toMatchObject({ attempts: 0 });
    await untilStatus(database, more[2] as { id: string }, 'retrying');
    // The first may have been taken once more, alone, before its failure was written down.
    expect(hung.filter((id) => id !== first.id).toSorted()).toEqual(more.map(({ id }) => id).toSorted());
  });

  it('hangs as the second event of its object, which is counted too', async () => {
    const [first, second] = [eventOf('cus_two'), eventOf('cus_two', { note: 'bad' })];
    await putEvents(database, [first, second]);
    await runQuittance(url, {
      handlers: {
        'customer.updated': (context) =>
          context.object.note === 'bad' ? new Promise(() => {}) : record(context),
      },
      drain: { handlerSecondsMax: 0.4, backoff: () => 3600 },
    });
    const failed = await untilStatus(database, second, 'retrying');
    expect(failed.attempts).toBe(1);
    await untilDone(database, [first]);
    expect(await effectsOf(database, [first])).toHaveLength(1);
  });

  it('takes long for each of many events: the others of its batch do not wait for all of them', async () => {
    const slow = Array.from({ length: 20 }, () => eventOf('cus_slow', { note: 'slow' }));
    const others = eventsApart(10, 'cus_quick');
    await putEvents(database, [...slow, ...others]);
    await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          if (context.object.note === 'slow') await context.sql`select pg_sleep(0.15)`;
          return record(context);
        },
      },
      drain: { workers: 1 },
    });
    await untilDone(database, others);
    const done = await effectsOf(database, slow);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(slow.length);
    await untilDone(database, slow);
    expect((await effectsOf(database, slow)).map(({ event }) => event)).toEqual(slow.map(({ id }) => id));
  });
});
