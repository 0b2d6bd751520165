import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { HandlerContext } from '../../src/inbox/handlers.ts';
import type { DrainSettings } from '../../src/options.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, eventOf, putEvents, record, untilDone } from '../support/effects.ts';
import { runQuittance } from '../support/quittance.ts';
import { Seeded } from '../support/seeded.ts';

const SEED = 20_261_121;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

interface Interval {
  object: string;
  event: string;
  began: number;
  ended: number;
}

/** Handlers that are sometimes slow and sometimes fail, and remember when they ran. */
function watched(random: () => number): {
  handler: (context: HandlerContext) => Promise<void>;
  seen: Interval[];
} {
  const seen: Interval[] = [];
  return {
    seen,
    handler: async (context) => {
      const began = performance.now();
      if (random() < 0.3) await context.sql`select pg_sleep(${random() * 0.01})`;
      await record(context);
      seen.push({
        object: String(context.object.id),
        event: context.event.id,
        began,
        ended: performance.now(),
      });
      if (random() < 0.02) throw new Error('now and then');
    },
  };
}

/** Two runs of handlers of one object that were under way at the same time. */
function overlaps(seen: readonly Interval[]): [Interval, Interval][] {
  const sorted = seen.toSorted((a, b) => a.began - b.began);
  return sorted.flatMap((run, index): [Interval, Interval][] => {
    const next = sorted.slice(index + 1).find(({ object }) => object === run.object);
    return next && next.began < run.ended ? [[run, next]] : [];
  });
}

describe('case 34: one handler at a time for each object, in order', () => {
  it.each<[string, DrainSettings, number]>([
    ['one worker, one key a batch', { workers: 1, keysPerBatch: 1 }, 1],
    ['one worker, large batches', { workers: 1, keysPerBatch: 100 }, 1],
    ['four workers, one key a batch', { workers: 4, keysPerBatch: 1 }, 1],
    ['four workers, small batches', { workers: 4, keysPerBatch: 7 }, 1],
    ['sixteen workers, large batches', { workers: 16, keysPerBatch: 300 }, 1],
    ['two processes with four workers each', { workers: 4, keysPerBatch: 20 }, 2],
  ])('with %s', async (name, drain, processes) => {
    const seeded = new Seeded(SEED);
    const random = (): number => seeded.fraction();
    const { handler, seen } = watched(random);
    const prefix = `cus_${name.replaceAll(/\W/g, '_')}`;
    const objects = Array.from({ length: 12 }, (_, index) => `${prefix}_${index}`);
    const events = Array.from({ length: 240 }, () =>
      eventOf(objects[Math.floor(random() * objects.length)] as string),
    );
    const settings = { ...drain, backoff: () => 0.02 };
    const running = [];
    for (let process = 0; process < processes; process += 1) {
      running.push(await runQuittance(url, { handlers: { 'customer.updated': handler }, drain: settings }));
    }
    // Arriving while they are worked on, a few at a time.
    for (let at = 0; at < events.length; at += 16) {
      await putEvents(database, events.slice(at, at + 16));
      for (const { quittance } of running) quittance.wake();
    }
    await untilDone(database, events);
    expect(overlaps(seen)).toEqual([]);
    const effects = await effectsOf(database, events);
    expect(effects).toHaveLength(events.length);
    for (const object of objects) {
      const arrived = events.filter(
        (event) => (event.data as { object: { id: string } }).object.id === object,
      );
      const handled = effects.filter((effect) => effect.object === object);
      expect(handled.map(({ event }) => event)).toEqual(arrived.map(({ id }) => id));
    }
    // Control: different objects did overlap where more than one worker was at it.
    const anyObject = seen.map((run) => ({ ...run, object: '' }));
    const several = processes * (drain.workers ?? 1) * (drain.keysPerBatch ?? 1) > 1;
    expect(overlaps(anyObject).length > 0).toBe(several);
    for (const { stop } of running) await stop();
  });

  it('through a rolling restart', async () => {
    const seeded = new Seeded(SEED + 1);
    const random = (): number => seeded.fraction();
    const { handler, seen } = watched(random);
    const start = (): ReturnType<typeof runQuittance> =>
      runQuittance(url, {
        handlers: { 'customer.updated': handler },
        drain: { workers: 4, keysPerBatch: 5, backoff: () => 0.02 },
      });
    const objects = Array.from({ length: 10 }, (_, index) => `cus_rolling_${index}`);
    const events = Array.from({ length: 300 }, (_, index) => eventOf(objects[index % 10] as string));
    const servers = [await start(), await start()];
    for (let at = 0; at < events.length; at += 50) {
      await putEvents(database, events.slice(at, at + 50));
      for (const { quittance } of servers) quittance.wake();
      const [oldest] = servers.splice(0, 1);
      servers.push(await start());
      await oldest?.stop();
    }
    await untilDone(database, events);
    expect(overlaps(seen)).toEqual([]);
    const effects = await effectsOf(database, events);
    expect(effects).toHaveLength(events.length);
    for (const object of objects) {
      const arrived = events.filter(
        (event) => (event.data as { object: { id: string } }).object.id === object,
      );
      const handled = effects.filter((effect) => effect.object === object);
      expect(handled.map(({ event }) => event)).toEqual(arrived.map(({ id }) => id));
    }
  });
});

describe('case 25: events that look alike', () => {
  it('fifty updates of one subscription are all handled, in the order of their arrival', async () => {
    const created = Math.floor(Date.now() / 1000);
    const fifty = Array.from({ length: 50 }, (_, index) =>
      eventOf('sub_fifty', { type: 'customer.subscription.updated', created, note: String(index) }),
    );
    const { post } = await runQuittance(url, { handlers: { 'customer.subscription.updated': record } });
    for (const event of fifty) expect((await post(event)).status).toBe(200);
    await untilDone(database, fifty);
    const notes = (await effectsOf(database, fifty)).map(({ note }) => note);
    expect(notes).toEqual(fifty.map((_, index) => String(index)));
  });
});
