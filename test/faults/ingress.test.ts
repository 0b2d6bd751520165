import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { FAILPOINTS } from '../../src/failpoints.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { deliverAll, Ledger, missingFrom, type Delivery } from '../support/ledger.ts';
import { until } from '../support/quittance.ts';
import { exportedEvents, freePort, startServer } from '../support/server-process.ts';

const EVENTS = 60;
const DIES_AT = 20;
// Killed here, the event in hand is stored and its sender does not know.
const COMMITTED = new Set<string>(['store.after_commit', 'webhook.before_ack']);
const WAY_IN = FAILPOINTS.filter((name) => /^(webhook|store)\./.test(name));

let url: string;
let database: Database;
let folder: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await database.pool.query('create table effect (event text not null, at timestamptz default now())');
  folder = mkdtempSync(path.join(tmpdir(), 'quittance-ledger-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('case 13: kill -9 at every place on the way in', () => {
  it.each(WAY_IN)('loses nothing that was acknowledged when killed at %s', async (name) => {
    const port = await freePort();
    const ledger = new Ledger(path.join(folder, name));
    // One event a request and a statement, so that the count is the number of events.
    const doomed = await startServer({ databaseUrl: url, port, failpoint: { name, count: DIES_AT } });
    await doomed.ready;
    const events = Array.from({ length: EVENTS }, () => makeEvent());
    const deliveries: Delivery[] = [];
    const delivered = deliverAll(() => doomed.url, events, ledger, {
      atOnce: 4,
      onDelivery: (delivery) => deliveries.push(delivery),
    });
    expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(doomed.reached()).toEqual([name]);
    const promisedAtDeath = ledger.ids();

    // What was acknowledged before the death is there before anybody sends anything again.
    const survivors = await database.sql<{ id: string }>`select id from quittance.event`;
    expect(missingFrom(survivors, ledger)).toEqual([]);
    expect(promisedAtDeath.length).toBeGreaterThan(0);
    expect(promisedAtDeath.length).toBeLessThan(EVENTS);

    await (
      await startServer({ databaseUrl: url, port })
    ).ready;
    await delivered;
    expect(deliveries).toContain('lost');
    const exported = await exportedEvents(url);
    expect(ledger.ids().toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    expect(missingFrom(exported, ledger)).toEqual([]);
    // Delivered again, stored once.
    expect(new Set(exported.map((row) => row.id)).size).toBe(exported.length);
    const repeated = exported.filter((row) => events.some(({ id }) => id === row.id) && row.deliveries > 1);
    // Control: where the commit came before the death, the same event really did come twice.
    expect(repeated.length).toBeGreaterThanOrEqual(COMMITTED.has(name) ? 1 : 0);
    ledger.close();
  });

  it('gives each of those events one effect', async () => {
    const config = `export default { handlers: { 'customer.updated': async ({ event, sql }) => {
      await sql\`insert into effect (event) values (\${event.id})\`;
    } } };`;
    const worker = await startServer({ databaseUrl: url, role: 'work', config });
    await worker.ready;
    await until(async () => {
      const [left] = await database.sql`select 1 from quittance.work limit 1`;
      return !left;
    }, 'the work list to become empty');
    const [effects] = await database.sql<{ total: number; distinct: number }>`
      select count(*) as total, count(distinct event) as distinct from effect`;
    expect(effects).toEqual({ total: WAY_IN.length * EVENTS, distinct: WAY_IN.length * EVENTS });
  });

  it('is held against a ledger that can tell (control)', async () => {
    const ledger = new Ledger(path.join(folder, 'control'));
    ledger.write('evt_promised_and_never_stored');
    expect(missingFrom(await exportedEvents(url), ledger)).toEqual(['evt_promised_and_never_stored']);
    ledger.close();
  });
});

describe('case 6: a secret that was pasted badly', () => {
  it('is named at boot, and the server does not start', async () => {
    const server = await startServer({ databaseUrl: url, env: { STRIPE_WEBHOOK_SECRET: 'whsec_pasted ' } });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.log()).toContain('STRIPE_WEBHOOK_SECRET has a space');
    expect(server.log()).not.toContain('whsec_pasted');
  });
});
