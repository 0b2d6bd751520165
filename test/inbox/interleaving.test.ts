import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Database } from '../../src/db/database.ts';
import { noFailpoints } from '../../src/failpoints.ts';
import { Claimer } from '../../src/inbox/claimer.ts';
import { Handlers, type Handler } from '../../src/inbox/handlers.ts';
import { InHand } from '../../src/inbox/in-hand.ts';
import { Worker } from '../../src/inbox/worker.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, eventOf, putEvents, record } from '../support/effects.ts';

// Two workers without a clock: one is stopped in front of its nth statement, the other runs as far as it
// can, the first goes on. Every n is tried, so no unlucky moment is left to luck.
const STATEMENTS_MAX = 16;

let database: Database;
let longest = 0;

beforeAll(async () => {
  ({ database } = await freshDatabase());
  await effectTable(database);
});

function workerOn(of: Database, name: string, handler: Handler): Worker {
  const handlers = new Handlers();
  handlers.on('customer.updated', handler);
  return new Worker(
    {
      database: of,
      lane: 0,
      handlers,
      reach: noFailpoints,
      mayGoOn: () => true,
      random: () => 0.5,
      backoff: () => 3600,
      handlerSecondsMax: 10,
      enqueueOn: () => async () => {},
      openStripe: () => () => {
        throw new Error('no Stripe here');
      },
      claimer: new Claimer(0, 10),
      inHand: new InHand(database, name),
      onFound: () => {},
      onBatch: () => {},
    },
    0,
  );
}

/** The same database, with `meanwhile` called in front of the nth statement on its connections. */
function stopping(
  n: number,
  meanwhile: () => Promise<void>,
): { database: Database; statements: () => number } {
  let count = 0;
  const wrap = (connection: Connection): Connection =>
    new Proxy(connection, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const method = (value as (...args: unknown[]) => unknown).bind(target);
        if (name !== 'query') return method;
        return async (...args: unknown[]) => {
          count += 1;
          if (count === n) await meanwhile();
          return method(...args);
        };
      },
    });
  return {
    database: { ...database, connect: async () => wrap(await database.connect()) },
    statements: () => count,
  };
}

async function workOff(worker: Worker): Promise<void> {
  while (await worker.round());
}

const points = Array.from({ length: STATEMENTS_MAX }, (_, index) => index + 1);

describe('case 34: another worker between any two statements', () => {
  it.each(points)('before statement %i: each event has one effect, in order', async (n) => {
    const events = [eventOf(`cus_a${n}`), eventOf(`cus_b${n}`), eventOf(`cus_a${n}`), eventOf(`cus_b${n}`)];
    await putEvents(database, events);
    const other = workerOn(database, 'other', record);
    const stopped = stopping(n, () => workOff(other));
    await workOff(workerOn(stopped.database, 'stopped', record));
    await workOff(other);
    const effects = await effectsOf(database, events);
    expect(effects).toHaveLength(4);
    for (const object of [`cus_a${n}`, `cus_b${n}`]) {
      const handled = effects.filter((effect) => effect.object === object).map(({ event }) => event);
      const arrived = events.filter(
        (event) => (event.data as { object: { id: string } }).object.id === object,
      );
      expect(handled).toEqual(arrived.map(({ id }) => id));
    }
    longest = Math.max(longest, stopped.statements());
  });

  it('and the places tried reach beyond the last statement (control)', () => {
    expect(longest).toBeGreaterThan(5);
    expect(longest).toBeLessThan(STATEMENTS_MAX);
  });
});

describe('case 33: a head that fails between any two statements of another worker', () => {
  it.each(points)('before statement %i: nothing overtakes it, and its failure is counted once', async (n) => {
    const head = eventOf(`cus_c${n}`, { note: 'poison' });
    const follower = eventOf(`cus_c${n}`);
    await putEvents(database, [head, follower]);
    let tries = 0;
    const handler: Handler = async (context) => {
      if (context.object.note !== 'poison') return record(context);
      tries += 1;
      throw new Error('not today');
    };
    const other = workerOn(database, 'other', handler);
    const stopped = stopping(n, () => workOff(other));
    await workOff(workerOn(stopped.database, 'stopped', handler));
    await workOff(other);
    expect(await effectsOf(database, [head, follower])).toEqual([]);
    const [row] = await database.sql`
      select w.attempts, (select count(*) from quittance.failure f where f.seq = w.seq) as failures
      from quittance.work w join quittance.event e on e.seq = w.seq where e.id = ${head.id}`;
    expect(row).toEqual({ attempts: 1, failures: 1 });
    // Control: it was tried, together and then by itself.
    expect(tries).toBeGreaterThanOrEqual(2);
  });
});
