import { beforeAll, describe, expect, it } from 'vitest';
import { type Database } from '../../src/db/database.ts';
import { type EventRow } from '../../src/events/rows.ts';
import { giveUp, retryLater } from '../../src/inbox/outcome.ts';
import { freshDatabase } from '../support/database.ts';
import { effectTable, eventOf, record, untilDone, untilStatus } from '../support/effects.ts';
import { makeEvent, signBytes } from '../support/events.ts';
import { page } from '../support/event-pages.ts';
import { runQuittance } from '../support/quittance.ts';

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
