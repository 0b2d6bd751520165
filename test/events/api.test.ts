import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { recognitionOf } from '../../src/events/recognition.ts';
import { listEvents, type EventRow } from '../../src/events/rows.ts';
import { readEnvelope } from '../../src/inbox/envelope.ts';
import { storeBatch } from '../../src/inbox/store.ts';
import { giveUp, retryLater } from '../../src/inbox/outcome.ts';
import { freshDatabase } from '../support/database.ts';
import {
  effectTable,
  eventOf,
  eventsApart,
  putEvents,
  record,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { makeEvent, signBytes } from '../support/events.ts';
import { runQuittance, type Running } from '../support/quittance.ts';

interface Page {
  data: EventRow[];
  next: number | null;
}

async function page(running: Pick<Running, 'api'>, query: string): Promise<Page> {
  const answer = await running.api(`/api/events${query}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return (await answer.json()) as Page;
}

describe('GET /api/events', () => {
  let url: string;
  let database: Database;

  beforeAll(async () => {
    ({ url, database } = await freshDatabase());
    await effectTable(database);
  });

  it('is closed without a key, and without the right one', async () => {
    const open = await runQuittance(url);
    for (const authorization of ['', 'Bearer wrong', 'Basic eDp5']) {
      const headers = { authorization };
      for (const path of ['/api/events', '/api/events/evt_x']) {
        const answer = await fetch(`${open.url}${path}`, { headers });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(await answer.json()).toMatchObject({ code: 'unauthorized' });
      }
      const replay = await fetch(`${open.url}/api/events/evt_x/replay`, { method: 'POST', headers });
      expect(replay.status).toBe(401);
    }
    const closed = await runQuittance(url, { apiKey: undefined });
    const answer = await closed.api('/api/events');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'not_configured' });
  });

  it('says of each event all that is promised, and filters', async () => {
    const events = {
      done: eventOf('cus_api_done'),
      ignored: eventOf('cus_api_plain', { type: 'product.created' }),
      retrying: eventOf('cus_api_retry', { note: 'retry' }),
      dead: eventOf('cus_api_dead', { note: 'dead', account: 'acct_1Other' }),
      pending: eventOf('cus_api_retry'),
    };
    const running = await runQuittance(url, {
      handlers: {
        'customer.updated': (context) => {
          if (context.object.note === 'retry') return retryLater('in an hour', 3600);
          return context.object.note === 'dead' ? giveUp('hopeless') : record(context);
        },
      },
    });
    const odd = Buffer.from('no json at all');
    expect((await running.post(odd, { 'stripe-signature': signBytes(odd) })).status).toBe(200);
    for (const event of Object.values(events)) expect((await running.post(event)).status).toBe(200);
    expect((await running.post(events.done)).status).toBe(200);
    await untilStatus(database, events.retrying, 'retrying');
    await untilDone(database, [events.done, events.ignored, events.dead]);

    const all = (await page(running, '')).data;
    expect(all.map(({ status }) => status)).toEqual([
      'quarantined',
      'done',
      'done',
      'retrying',
      'dead',
      'pending',
    ]);
    const by = (event: { id: string }): EventRow | undefined => all.find(({ id }) => id === event.id);
    expect(by(events.done)).toEqual({
      seq: expect.any(Number),
      id: events.done.id,
      type: 'customer.updated',
      account: null,
      livemode: false,
      object_id: 'cus_api_done',
      created: new Date((events.done.created as number) * 1000).toISOString(),
      received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      source: 'webhook',
      deliveries: 2,
      status: 'done',
      attempts: 1,
      last_error: null,
    });
    expect(by(events.dead)).toMatchObject({ account: 'acct_1Other', attempts: 1, last_error: 'hopeless' });
    expect(by(events.retrying)).toMatchObject({ attempts: 1, last_error: 'in an hour' });
    expect(by(events.pending)).toMatchObject({ attempts: 0, last_error: null });
    expect(all[0]).toMatchObject({
      id: expect.stringMatching(/^sha256:/),
      last_error: 'not_json',
      attempts: 0,
    });

    const ids = async (query: string): Promise<string[]> =>
      (await page(running, query)).data.map(({ id }) => id);
    for (const status of ['retrying', 'dead', 'pending'] as const) {
      expect(await ids(`?status=${status}`)).toEqual([events[status].id]);
    }
    expect(await ids('?status=done')).toEqual([events.done.id, events.ignored.id]);
    expect(await ids('?status=quarantined')).toEqual([all[0]?.id]);
    expect(await ids('?type=product.created')).toEqual([events.ignored.id]);
    expect(await ids('?object=cus_api_retry')).toEqual([events.retrying.id, events.pending.id]);
    expect(await ids('?object=cus_api_retry&status=pending')).toEqual([events.pending.id]);
    expect(await ids(`?after=${all[4]?.seq}`)).toEqual([events.pending.id]);
    expect(await ids('?type=nothing.like.it')).toEqual([]);
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?limit=many', 'limit'],
    ['?after=-1', 'after'],
    ['?status=lost', 'status'],
    ['?colour=red', 'colour'],
  ])('refuses %s and names the field', async (query, field) => {
    const running = await runQuittance(url);
    const answer = await running.api(`/api/events${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', field });
  });

  it('takes what looks like SQL for text', async () => {
    const running = await runQuittance(url);
    const evil = encodeURIComponent("x' or 1=1; drop table quittance.event --");
    expect((await page(running, `?type=${evil}&object=${evil}`)).data).toEqual([]);
    expect((await running.api(`/api/events/${evil}`)).status).toBe(404);
    expect((await page(running, '')).data.length).toBeGreaterThan(0);
  });

  it('GET /api/events/:id shows the payload, the bytes of what is none, and every failure', async () => {
    const running = await runQuittance(url, { handlers: {} }, { work: false });
    const event = makeEvent({ data: { object: { id: 'cus_shown', name: 'Ünï \u2713' } } });
    await running.post(event);
    const answer = await running.api(`/api/events/${event.id}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({
      id: event.id,
      kind: 'snapshot',
      endpoint: '/api/webhook',
      api_version: event.api_version,
      failures: [],
      payload: event,
    });
    const odd = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    await running.post(odd, { 'stripe-signature': signBytes(odd) });
    const [stored] = (await page(running, '?status=quarantined')).data.slice(-1);
    const shown = await running.api(`/api/events/${encodeURIComponent(stored?.id ?? '')}`);
    expect(await shown.json()).toMatchObject({ payload: null, body_base64: odd.toString('base64') });
    expect((await running.api(`/api/events/${stored?.seq}`)).status).toBe(200);
    expect((await running.api('/api/events/evt_nowhere')).status).toBe(404);
    expect((await running.api('/api/events/999999999999999')).status).toBe(404);
  });
});

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
    const filter = { limit: 1000, type: null, object: null, status: null };
    for (;;) {
      const last = !writing;
      const rows = await listEvents(reader.pool, { ...filter, after });
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
