import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { ATTEMPTS_MAX, backoffSeconds } from '../../src/inbox/retry.ts';
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
});

/** Fails for events with the note `poison`, after having written. */
const fragile: typeof record = async (context) => {
  await record(context);
  if (context.object.note === 'poison') throw new Error(`no luck with ${context.event.id}`);
};

const atOnce = { backoff: () => 0.005 };

async function alarms(code: string): Promise<{ subject: string; detail: string; count: number }[]> {
  return database.sql`select subject, detail, count from quittance.alarm where code = ${code}`;
}

describe('case 29: a poison event', () => {
  it('waits twice as long after each failure, with jitter, and gives up after about three days', () => {
    const waits = Array.from({ length: ATTEMPTS_MAX - 1 }, (_, index) => backoffSeconds(index + 1, 0.5));
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(Math.max(...waits)).toBe(3 * 60 * 60);
    const days = waits.reduce((sum, seconds) => sum + seconds, 0) / 86_400;
    expect(days).toBeGreaterThan(2.5);
    expect(days).toBeLessThan(3.5);
    // Jitter: what failed together does not come back together.
    expect(backoffSeconds(1, 0)).toBeCloseTo(4);
    expect(backoffSeconds(1, 0.999_999)).toBeCloseTo(6);
  });

  it('in a batch of 64 leaves the other 63 done, each once', async () => {
    const events = eventsApart(64, 'cus_batch');
    events[31] = eventOf('cus_batch_31', { note: 'poison' });
    await putEvents(database, events);
    const { stop } = await runQuittance(url, {
      handlers: { 'customer.updated': fragile },
      drain: { workers: 1, keysPerBatch: 64 },
    });
    const poison = events[31] as { id: string };
    const others = events.filter((event) => event !== poison);
    await untilDone(database, others);
    const seen = await effectsOf(database, events);
    expect(seen.map(({ event }) => event).toSorted()).toEqual(others.map(({ id }) => id).toSorted());
    // Its own write is undone, its failure is kept.
    const failed = await untilStatus(database, poison, 'retrying');
    expect(failed).toMatchObject({ attempts: 1, last_error: `Error: no luck with ${poison.id}` });
    await stop();
  });

  it('blocks its own object only, and its object goes on when it is dead', async () => {
    const poison = eventOf('cus_blocked', { note: 'poison' });
    const behind = eventOf('cus_blocked');
    const others = eventsApart(20, 'cus_free');
    await putEvents(database, [poison, behind, ...others]);
    const ready = gate();
    let waiting = false;
    const { log } = await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          if (context.event.id === poison.id) {
            const failures = await context.sql`
              select from quittance.failure f join quittance.event e on e.seq = f.seq
              where e.id = ${poison.id}`;
            waiting = failures.length === 2;
            if (waiting) await ready.opened;
          }
          return fragile(context);
        },
      },
      drain: atOnce,
    });
    await untilDone(database, others);
    await until(async () => waiting, 'the third attempt');
    expect(await detailOf(database, behind)).toMatchObject({ status: 'pending', attempts: 0 });
    ready.open();

    const dead = await untilStatus(database, poison, 'dead');
    expect(dead.attempts).toBe(ATTEMPTS_MAX);
    expect(dead.failures.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: ATTEMPTS_MAX }, (_, index) => index + 1),
    );
    expect(new Set(dead.failures.map(({ error }) => error))).toEqual(
      new Set([`Error: no luck with ${poison.id}`]),
    );
    await untilDone(database, [behind]);
    expect(await effectsOf(database, [poison, behind])).toMatchObject([{ event: behind.id }]);

    // Told once, with what to look for.
    const [alarm, ...more] = await until(async () => {
      const found = await alarms('event_dead');
      return found.length > 0 && found;
    }, 'the alarm');
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ subject: 'customer.updated', count: 1 });
    expect(alarm?.detail).toContain(poison.id);
    expect(log.lines().filter((line) => line.alarm === 'event_dead')).toHaveLength(1);
  });
});

describe('case 33: a failed head', () => {
  it('blocks what is behind it while a thousand other objects go on', async () => {
    const head = eventOf('cus_head', { note: 'poison' });
    const followers = Array.from({ length: 5 }, () => eventOf('cus_head'));
    const others = eventsApart(1_000, 'cus_other');
    let mended = false;
    await runQuittance(url, {
      handlers: { 'customer.updated': (context) => (mended ? record(context) : fragile(context)) },
      drain: { backoff: () => 3600 },
    });
    await putEvents(database, [head, ...followers]);
    await untilStatus(database, head, 'retrying');
    await putEvents(database, others);
    await untilDone(database, others);
    expect(await effectsOf(database, [head, ...followers])).toEqual([]);
    // One more arrives behind it, and waits as well instead of being looked at again and again.
    const late = eventOf('cus_head');
    await putEvents(database, [late]);
    await until(async () => {
      const [row] = await database.sql<{ waits: boolean }>`
        select run_at > now() + interval '30 minutes' as waits from quittance.work w
        join quittance.event e on e.seq = w.seq where e.id = ${late.id}`;
      return row?.waits;
    }, 'the late one to be put off');

    // Control: mended and asked for again, the whole object goes on, in its order.
    mended = true;
    await database.sql`update quittance.work set run_at = now() where key = '/test/cus_head'`;
    const all = [head, ...followers, late];
    await untilDone(database, all);
    expect((await effectsOf(database, all)).map(({ event }) => event)).toEqual(all.map(({ id }) => id));
  });

  it('20,000 events of one object at the front do not starve the others', async () => {
    const flood = Array.from({ length: 20_000 }, () => eventOf('cus_flood'));
    const others = eventsApart(200, 'cus_small');
    await putEvents(database, [...flood, ...others]);
    const held = gate();
    let handled = 0;
    const { stop } = await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          if (context.object.id !== 'cus_flood') return record(context);
          // Its second batch does not end before we say so: the others have to pass it.
          handled += 1;
          if (handled > 60) await held.opened;
          return undefined;
        },
      },
      drain: { workers: 2 },
    });
    await untilDone(database, others);
    const [left] = await database.sql<{ count: number }>`
      select count(*) as count from quittance.work where key = '/test/cus_flood'`;
    expect(left?.count).toBeGreaterThan(19_000);
    held.open();
    await stop();
    await database.sql`delete from quittance.work where key = '/test/cus_flood'`;
  });
});
