import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { EventRow } from '../../src/events/rows.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, eventsApart, putEvents } from '../support/effects.ts';
import { page } from '../support/event-pages.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

let database: Database;
let running: Running;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  running = await runQuittance(fresh.url, {}, { work: false });
});

describe('exports and the live tail', () => {
  it('writes a filter as CSV, more than fits into a page, in which nothing is a formula', async () => {
    const events = eventsApart(1_005, 'cus_export', { type: 'tax_rate.created' });
    await putEvents(database, events);
    const [first] = (await page(running, '?type=tax_rate.*&limit=1')).data as [EventRow];
    await database.sql`delete from quittance.work where seq = ${first.seq}`;
    await database.sql`insert into quittance.outcome (seq, status, reason) values (${first.seq}, 'dead', '')`;
    await database.sql`
      insert into quittance.failure (seq, attempt, error)
      values (${first.seq}, 1, ${'=HYPERLINK("x"),\nboo'})`;
    const answer = await running.api('/api/exports/events?type=tax_rate.*');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="events.csv"');
    const text = await answer.text();
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(1 + 1_005 + 1);
    expect(lines[0]).toMatch(/^seq,id,type,account,/);
    expect(lines[1]).toMatch(/,dead,1,"'=HYPERLINK\(""x""\),\nboo"$/);
    expect(lines.slice(1, -1).map((line) => line.split(',')[1])).toEqual(events.map(({ id }) => id));
  });

  it('tells of new events within a second, and steps over none', async () => {
    const answer = await running.api('/api/events/live?type=plan.*');
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const seen: EventRow[] = [];
    void read(answer, (rows) => seen.push(...rows)).catch(() => {});
    const sent = performance.now();
    const first = eventOf('plan_1', { type: 'plan.created' });
    await putEvents(database, [eventOf('cus_beside'), first]);
    await until(async () => seen.length > 0, 'the first event');
    expect(performance.now() - sent).toBeLessThan(1_000);
    const open = await database.connect();
    await open.query('begin');
    await open.query(`select pg_advisory_xact_lock_shared(7814235, 1)`);
    await open.query(`insert into quittance.event (id, livemode, type, kind, source, body)
      values ('evt_late', false, 'plan.deleted', 'snapshot', 'webhook', '{}')`);
    const batches = Array.from({ length: 20 }, () => eventsApart(10, 'plan', { type: 'plan.updated' }));
    await Promise.all(batches.map((batch) => putEvents(database, batch)));
    await open.query('commit');
    open.release();
    await until(async () => seen.length >= 202, 'all of them');
    const stored = await database.sql<{ id: string }>`
      select id from quittance.event where type like 'plan.%' order by seq`;
    expect(seen.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
  });
});

/** Hands over what a stream of events tells, until it ends. */
async function read(answer: Response, take: (rows: EventRow[]) => void): Promise<void> {
  let text = '';
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^event: events\ndata: (.*)$/m.exec(message)?.[1];
      if (data) take((JSON.parse(data) as { data: EventRow[] }).data);
    }
  }
}
