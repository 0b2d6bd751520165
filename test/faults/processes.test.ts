import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, eventOf, putEvents, untilDone } from '../support/effects.ts';
import { deliverAll, Ledger, missingFrom } from '../support/ledger.ts';
import { postWebhook, until } from '../support/quittance.ts';
import { exportedEvents, startServer, type ServerProcess } from '../support/server-process.ts';

const CONFIG = `export default {
  drain: { keysPerBatch: 5, idleInTransactionSecondsMax: 2 },
  handlers: { 'customer.updated': async ({ event, object, sql }) => {
    await sql\`insert into public.effect (event, object, began)
              values (\${event.id}, \${object.id}, clock_timestamp())\`;
    if (object.note === 'long') {
      await sql\`select pg_notify('began', \${String(process.pid)})\`;
      if (process.env.FREEZES) process.kill(process.pid, 'SIGSTOP');
    }
  } },
};`;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

const start = async (role: 'web' | 'work', env: Record<string, string> = {}): Promise<ServerProcess> => {
  const started = await startServer({ databaseUrl: url, role, config: CONFIG, env });
  await started.ready;
  return started;
};

describe('two servers on one database', () => {
  it('case 23: the same event a hundred times at once is one row and one effect, with 200 each', async () => {
    const servers = await Promise.all([start('web'), start('web'), start('work'), start('work')]);
    const [one, two] = servers as unknown as [ServerProcess, ServerProcess];
    const event = eventOf('cus_hundred');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => postWebhook((index % 2 ? one : two).url, event)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    await untilDone(database, [event]);
    const rows = await database.sql<{ deliveries: number }>`
      select deliveries from quittance.event where id = ${event.id}`;
    expect(rows).toEqual([{ deliveries: 100 }]);
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it('lose and double nothing while one after the other is killed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quittance-two-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const ledger = new Ledger(path.join(folder, 'ledger'));
    onTestFinished(() => ledger.close());
    const webs = [await start('web'), await start('web')] as const;
    const workers = [await start('work'), await start('work')] as const;
    const events = Array.from({ length: 400 }, (_, index) => eventOf(`cus_two_${index % 40}`));
    let sent = 0;
    let alive: readonly ServerProcess[] = webs;
    const target = (): string => (alive[(sent += 1) % alive.length] as ServerProcess).url;
    const delivered = deliverAll(target, events, ledger, { atOnce: 8 });
    const when = (count: number): Promise<unknown> =>
      until(async () => ledger.ids().length >= count, `${count} acknowledged`);
    await when(100);
    workers[0].child.kill('SIGKILL');
    webs[0].child.kill('SIGKILL');
    alive = [webs[1]];
    await when(200);
    const successors = [await start('web'), await start('work')] as const;
    alive = [webs[1], successors[0]];
    await when(300);
    workers[1].child.kill('SIGKILL');
    await delivered;
    expect(missingFrom(await exportedEvents(url), ledger)).toEqual([]);
    expect(ledger.ids().toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    await untilDone(database, events);
    const effects = await effectsOf(database, events);
    expect(effects.map(({ event }) => event).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  });
});

describe('case 27: a process that stops in the middle and comes back', () => {
  beforeEach(async () => {
    await database.sql`delete from quittance.work`;
  });

  it('finds its transaction gone: another has done the work, once', async () => {
    const frozen = await start('work', { FREEZES: 'yes' });
    const event = eventOf('cus_zombie', { note: 'long' });
    const behind = eventOf('cus_zombie');
    await putEvents(database, [event, behind]);
    const held = (): Promise<unknown[]> => database.sql`
      select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
    await until(async () => (await held()).length > 0, 'the process to stop in its handler');
    expect(await effectsOf(database, [event, behind])).toEqual([]);

    const other = await start('work');
    await untilDone(database, [event, behind]);
    const done = await effectsOf(database, [event, behind]);
    expect(done.map((effect) => effect.event)).toEqual([event.id, behind.id]);

    frozen.child.kill('SIGCONT');
    other.child.kill('SIGTERM');
    await other.exit;
    // It goes on working, which shows that it has come back, and what it had begun is not there twice.
    const next = eventOf('cus_awake');
    await putEvents(database, [next]);
    await untilDone(database, [next]);
    expect(await effectsOf(database, [event, behind])).toEqual(done);
    const [failure] = await database.sql`
      select from quittance.outcome o join quittance.event e on e.seq = o.seq where e.id = ${event.id}`;
    expect(failure).toBeUndefined();
  });
});
