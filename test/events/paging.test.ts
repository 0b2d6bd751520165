import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { recognitionOf } from '../../src/events/recognition.ts';
import { type EventRow } from '../../src/events/rows.ts';
import { listEvents } from '../../src/events/search-rows.ts';
import { readEnvelope } from '../../src/inbox/envelope.ts';
import { storeBatch } from '../../src/inbox/store.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, eventsApart, putEvents } from '../support/effects.ts';
import { page, type Page } from '../support/event-pages.ts';
import { runQuittance, type Running } from '../support/quittance.ts';

describe('paging', () => {
  let url: string;
  let database: Database;

  beforeAll(async () => {
    ({ url, database } = await freshDatabase());
  });

  /** Reads on from `after` until there is nothing more for now. */
  async function readOn(running: Running, after: number, limit: number): Promise<EventRow[]> {
    const rows: EventRow[] = [];
    for (let next: number | null = after; next !== null;) {
      const { data, next: following }: Page = await page(running, `?after=${next}&limit=${limit}`);
      rows.push(...data);
      expect(data.length).toBeLessThanOrEqual(limit);
      next = following;
    }
    return rows;
  }

  it('reaches every event once, in order, whatever the size of a page', async () => {
    const running = await runQuittance(url, {}, { work: false });
    const events = eventsApart(53, 'cus_page');
    await putEvents(database, events);
    for (const limit of [1, 7, 53, 1000]) {
      expect((await readOn(running, 0, limit)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    }
  });

  it('does not step over an event whose transaction commits late', async () => {
    const running = await runQuittance(url, {}, { work: false });
    const before = (await readOn(running, 0, 1000)).at(-1)?.seq ?? 0;
    const open = await database.connect();
    await open.query('begin');
    const late = eventOf('cus_late');
    const envelope = readEnvelope(
      Buffer.from(JSON.stringify(late)),
      recognitionOf(() => true, false),
    );
    await storeBatch(open, [{ envelope, source: 'webhook', endpoint: null }], []);
    const early = eventsApart(3, 'cus_early');
    await putEvents(database, early);
    // Committed, but behind one that is not: not shown yet.
    expect(await readOn(running, before, 2)).toEqual([]);
    await open.query('commit');
    open.release();
    const seen = await readOn(running, before, 2);
    expect(seen.map(({ id }) => id)).toEqual([late.id, ...early.map(({ id }) => id)]);
    // Somebody else's long transaction keeps nothing back.
    const other = await database.connect();
    await other.query('begin');
    await other.query('select pg_current_xact_id()');
    await putEvents(database, eventsApart(1, 'cus_beside'));
    expect(await readOn(running, before, 2)).toHaveLength(5);
    await other.query('rollback');
    other.release();
  });

  it('misses nothing while four writers store as fast as they can', async () => {
    const [first] = await database.sql<{ seq: number }>`select max(seq) as seq from quittance.event`;
    let after = first?.seq ?? 0;
    const start = after;
    // Two store much at a time and two little: the little ones overtake the others.
    const batches = [500, 500, 1, 1].map((size, writer) =>
      Array.from({ length: size === 1 ? 800 : 30 }, (_, batch) =>
        eventsApart(size, `cus_w${writer}_${batch}`),
      ),
    );
    let writing = true;
    const written = Promise.all(
      batches.map(async (own) => {
        for (const batch of own) await putEvents(database, batch);
      }),
    ).finally(() => {
      writing = false;
    });
    const seen: number[] = [];
    const reader = openDatabase({ url, connectionsMax: 1, applicationName: 'test reader' });
    const nothing = { account: null, id: null, type: null, object: null, status: null, from: null, to: null };
    for (;;) {
      const last = !writing;
      const page = { order: 'asc', after, limit: 1000 } as const;
      const rows = (await listEvents(reader, { ...nothing, livemode: false }, page)) ?? [];
      seen.push(...rows.map(({ seq }) => seq));
      after = seen.at(-1) ?? after;
      if (last && rows.length === 0) break;
    }
    await written;
    await reader.close();
    const all = await database.sql<{ seq: number }>`
      select seq from quittance.event where seq > ${start} order by seq`;
    expect(all).toHaveLength(2 * 30 * 500 + 2 * 800);
    expect(seen).toEqual(all.map(({ seq }) => seq));
  });
});
