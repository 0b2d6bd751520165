import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { FAILPOINTS } from '../../src/failpoints.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, effectsOf, effectTable, eventOf, eventsApart, putEvents } from '../support/effects.ts';
import { until } from '../support/quittance.ts';
import { startServer } from '../support/server-process.ts';

const PLACES = FAILPOINTS.filter((name) => name.startsWith('drain.'));
const OBJECTS = 40;

// One event fails once, one is given up, all others leave a row.
const CONFIG = `export default {
  drain: { workers: 2, keysPerBatch: 10, backoff: () => 0.05 },
  handlers: { 'customer.updated': async ({ event, object, sql }) => {
    await sql\`insert into public.effect (event, object) values (\${event.id}, \${object.id})\`;
    if (object.note === 'hopeless') return { kind: 'give_up', why: 'hopeless' };
    if (object.note !== 'fails once') return;
    const tried = await sql\`
      select from quittance.failure f join quittance.event e on e.seq = f.seq where e.id = \${event.id}\`;
    if (tried.length === 0) throw new Error('the first time');
  } },
};`;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

describe('case 26: kill -9 of a worker at every place of the drain', () => {
  it.each(PLACES)('at %s: one effect each, in order, and failures counted', async (name) => {
    const prefix = `cus_${name.replaceAll('.', '_')}`;
    const plain = eventsApart(OBJECTS, prefix);
    const later = eventsApart(OBJECTS, prefix);
    const failing = eventOf(`${prefix}_failing`, { note: 'fails once' });
    const hopeless = eventOf(`${prefix}_hopeless`, { note: 'hopeless' });
    const behind = [eventOf(`${prefix}_failing`), eventOf(`${prefix}_hopeless`)];
    const all = [...plain, failing, hopeless, ...later, ...behind];
    await putEvents(database, all);
    const doomed = await startServer({
      databaseUrl: url,
      role: 'work',
      config: CONFIG,
      failpoint: { name, count: name === 'drain.mid_handler' ? 7 : 1 },
    });
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    // Control: it died in the middle of its work.
    const left = await database.sql`select from quittance.work`;
    expect(left.length).toBeGreaterThan(0);

    const successor = await startServer({ databaseUrl: url, role: 'work', config: CONFIG });
    await successor.ready;
    await until(
      async () => (await database.sql`select from quittance.work limit 1`).length === 0,
      'the work list to become empty',
    );
    const effects = await effectsOf(database, all);
    expect(effects.map(({ event }) => event).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    for (const [index, first] of plain.entries()) {
      const [one, two] = effects.filter(({ object }) => object === `${prefix}_${index}`);
      expect([one?.event, two?.event]).toEqual([first.id, later[index]?.id]);
    }
    expect((await detailOf(database, failing)).failures.map(({ error }) => error)).toEqual([
      'Error: the first time',
    ]);
    expect(await detailOf(database, hopeless)).toMatchObject({ status: 'dead', last_error: 'hopeless' });
  });
});
