import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { describeEvent } from '../../src/events/detail.ts';
import type { EventFilter } from '../../src/events/filter-rows.ts';
import { EVENT_STATUSES, type EventRow, type EventStatus } from '../../src/events/rows.ts';
import { listEvents } from '../../src/events/search-rows.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, eventOf, putEvents } from '../support/effects.ts';
import { makeEvent, signBytes } from '../support/events.ts';
import { page } from '../support/event-pages.ts';
import { runQuittance, type Running } from '../support/quittance.ts';
import { Seeded } from '../support/seeded.ts';

const NO_FILTER = { account: null, id: null, type: null, object: null, status: null, from: null, to: null };
const TYPES = ['charge.refunded', 'charge.succeeded', 'charges.odd', 'invoice.paid', 'payout.paid'];

let url: string;
let database: Database;
let running: Running;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  running = await runQuittance(url, {}, { work: false });
});

/** Brings an event to a status, as the drain would leave it. */
async function bringTo(seq: number, status: EventStatus): Promise<void> {
  const { sql } = database;
  if (status === 'retrying') await sql`update quittance.work set attempts = 1 where seq = ${seq}`;
  if (status === 'pending' || status === 'retrying') return;
  await sql`delete from quittance.work where seq = ${seq}`;
  if (status === 'done') return;
  await sql`insert into quittance.outcome (seq, status, reason) values (${seq}, ${status}, 'so it was')`;
}

async function readOn(filter: EventFilter, order: 'asc' | 'desc', limit: number): Promise<EventRow[]> {
  const all: EventRow[] = [];
  for (let after: number | null = null; ;) {
    const rows: EventRow[] = (await listEvents(database, filter, { order, after, limit })) ?? [];
    all.push(...rows);
    if (rows.length < limit) return all;
    after = rows.at(-1)?.seq ?? null;
  }
}

describe('searching events', () => {
  const chance = new Seeded(6);
  let all: EventRow[];

  beforeAll(async () => {
    const events = Array.from({ length: 150 }, (_, index) =>
      eventOf(`cus_found_${chance.below(12)}`, {
        type: chance.pick(TYPES),
        livemode: chance.chance(0.2),
        ...(chance.chance(0.4) ? { account: `acct_1Found${chance.below(3)}` } : {}),
        id: `evt_${chance.pick(['aaaa', 'bbbb'])}${String(index).padStart(4, '0')}`,
      }),
    );
    await putEvents(database, events);
    const stored = await database.sql<{ seq: number }>`select seq from quittance.event order by seq`;
    for (const { seq } of stored) {
      await bringTo(seq, chance.chance(0.5) ? 'done' : chance.pick(EVENT_STATUSES));
      // An event a minute, the last one now.
      await database.sql`update quittance.event
        set received_at = now() - ${stored.at(-1)?.seq ?? 0} * interval '1 minute' + seq * interval '1 minute'
        where seq = ${seq}`;
    }
    const modes = [false, true].map((livemode) => readOn({ ...NO_FILTER, livemode }, 'asc', 1000));
    all = (await Promise.all(modes)).flat().toSorted((a, b) => a.seq - b.seq);
  });

  function expected(filter: EventFilter): number[] {
    const { type, id, from, to } = filter;
    const isOf = (row: EventRow): boolean =>
      row.livemode === filter.livemode &&
      (filter.account === null || row.account === filter.account) &&
      (filter.object === null || row.object_id === filter.object) &&
      (filter.status === null || row.status === filter.status) &&
      (type === null || (type.endsWith('*') ? row.type.startsWith(type.slice(0, -1)) : row.type === type)) &&
      (id === null || row.id.startsWith(id)) &&
      (from === null || row.received_at >= from) &&
      (to === null || row.received_at < to);
    return all.filter(isOf).map(({ seq }) => seq);
  }

  it('finds the same as looking at every event, whatever is combined, both ways, page by page', async () => {
    expect(all).toHaveLength(150);
    let found = 0;
    for (let round = 0; round < 60; round += 1) {
      const maybe = <T>(value: T): T | null => (chance.chance(0.35) ? value : null);
      const filter: EventFilter = {
        livemode: chance.chance(0.3),
        account: maybe(`acct_1Found${chance.below(3)}`),
        id: maybe(chance.pick(['evt_aaaa', 'evt_bbbb', 'evt_aaaa00', 'evt_zzzz'])),
        type: maybe(chance.pick([...TYPES, 'charge.*', 'charge*', 'in*'])),
        object: maybe(`cus_found_${chance.below(12)}`),
        status: maybe(chance.pick(EVENT_STATUSES)),
        from: maybe(all[chance.below(75)]?.received_at as string),
        to: maybe(all[75 + chance.below(75)]?.received_at as string),
      };
      const wanted = expected(filter);
      found += wanted.length;
      const order = chance.pick(['asc', 'desc'] as const);
      const rows = await readOn(filter, order, chance.pick([3, 8, 200]));
      expect({ filter, order, seqs: rows.map(({ seq }) => seq) }).toEqual({
        filter,
        order,
        seqs: order === 'asc' ? wanted : wanted.toReversed(),
      });
    }
    expect(found).toBeGreaterThan(100);
  });

  it('is asked over HTTP, and never mixes the modes', async () => {
    const test = (await page(running, '?limit=1000')).data;
    const live = (await page(running, '?limit=1000&livemode=true')).data;
    expect(live.length).toBeGreaterThan(10);
    expect(test.length + live.length).toBe(150);
    expect(new Set(live.map(({ livemode }) => livemode))).toEqual(new Set([true]));
    const newest = await page(running, '?order=desc&limit=2');
    expect(newest.data.map(({ seq }) => seq)).toEqual(
      test
        .slice(-2)
        .map(({ seq }) => seq)
        .toReversed(),
    );
    const next = await page(running, `?order=desc&limit=2&after=${newest.next}`);
    expect(next.data.map(({ seq }) => seq)).toEqual(
      test
        .slice(-4, -2)
        .map(({ seq }) => seq)
        .toReversed(),
    );
    const [one] = test as [EventRow];
    expect((await page(running, `?id=${one.id}&type=${one.type}`)).data).toEqual([one]);
    for (const [query, field] of [
      ['id=evt_a', 'id'],
      ['from=yesterday', 'from'],
      ['account=Ann', 'account'],
      ['order=up', 'order'],
    ]) {
      const refused = await running.api(`/api/events?${query}`);
      expect({ query, status: refused.status }).toEqual({ query, status: 400 });
      expect(await refused.json()).toMatchObject({ code: 'invalid_request', field });
    }
  });
});

describe('one event', () => {
  it('tells of each delivery, also of those that came together', async () => {
    const event = eventOf('cus_again');
    for (let times = 0; times < 3; times += 1) expect((await running.post(event)).status).toBe(200);
    await putEvents(database, [event, event]);
    const shown = (await (await running.api(`/api/events/${event.id}`)).json()) as Record<string, unknown>;
    expect(shown).toMatchObject({ deliveries: 5 });
    const repeats = shown.repeats as { count: number; at: string; endpoint: string; source: string }[];
    expect(repeats.map(({ count }) => count)).toEqual([1, 1, 2]);
    expect(new Set(repeats.map(({ endpoint }) => endpoint))).toEqual(new Set(['/api/webhook']));
    // Control: one that came once has none.
    const once = eventOf('cus_once');
    await running.post(once);
    expect(await (await running.api(`/api/events/${once.id}`)).json()).toMatchObject({ repeats: [] });
  });

  it('names what of ours it is about, and the events of the same payment', async () => {
    await database.sql`
      insert into quittance.orders (id, livemode, product, product_name, quantity, unit_amount, amount,
        currency, request_hash, ui, checkout_params, checkout_session, payment_intent, charge, status,
        paid_at, items)
      values ('ord_told', false, 'mug', 'Mug', 1, 700, 700, 'usd', '', 'hosted_page', '{}', 'cs_told',
        'pi_told', 'ch_told', 'paid', now(), '[]')`;
    await database.sql`
      insert into quittance.refund (id, livemode, order_id, amount, currency, status, stripe_refund, source)
      values ('rfd_told', false, 'ord_told', 200, 'usd', 'succeeded', 're_told', 'api')`;
    const paid = makeEvent({ type: 'checkout.session.completed', data: { object: { id: 'cs_told' } } });
    const intent = makeEvent({ type: 'payment_intent.succeeded', data: { object: { id: 'pi_told' } } });
    const refund = makeEvent({
      type: 'refund.updated',
      data: { object: { id: 're_told', payment_intent: 'pi_told', charge: 'ch_told' } },
    });
    const elsewhere = makeEvent({ account: 'acct_1Else', data: { object: { id: 'pi_told' } } });
    await putEvents(database, [paid, intent, refund, elsewhere]);
    const shown = (await (await running.api(`/api/events/${refund.id}`)).json()) as {
      changed: unknown[];
      related: EventRow[];
    };
    expect(shown.changed).toEqual([
      { kind: 'order', id: 'ord_told', status: 'paid', order_id: 'ord_told' },
      { kind: 'refund', id: 'rfd_told', status: 'succeeded', order_id: 'ord_told' },
    ]);
    expect(shown.related.map(({ id }) => id)).toEqual([paid.id, intent.id, refund.id]);
  });

  it('is shown in the console without secrets, and to a program as it came', async () => {
    const object = {
      id: 'pi_masked',
      client_secret: 'pi_masked_secret_abcdefgh',
      nested: [{ access_token: 'whatever it is', note: 'sk_test_abcdefghijk in a text' }],
      metadata: { html: '<script>alert(1)</script>' },
    };
    const event = makeEvent({ data: { object } });
    await putEvents(database, [event]);
    const detail = await detailOf(database, event);
    const shown = await describeEvent(database, detail, { kind: 'operator' });
    expect(shown.payload).toMatchObject({
      id: event.id,
      data: {
        object: {
          id: 'pi_masked',
          client_secret: '[redacted]',
          nested: [{ access_token: '[redacted]', note: '[redacted] in a text' }],
          metadata: object.metadata,
        },
      },
    });
    const plain = await running.api(`/api/events/${event.id}`);
    expect(await plain.json()).toMatchObject({ payload: event });
    // What its handler threw neither, wherever it is told of.
    await database.sql`insert into quittance.failure (seq, attempt, at, error)
      values (${detail.seq}, 1, now(), 'Error: 401 of sk_test_abcdefghijk')`;
    const told = await page(running, `?id=${event.id}`);
    const csv = await (await running.api(`/api/exports/events?id=${event.id}`)).text();
    expect([told.data[0]?.last_error, csv]).toEqual([
      'Error: 401 of [redacted]',
      expect.stringContaining('401 of [redacted]'),
    ]);
    const odd = Buffer.from('{"half": "sk_test_abcdefghijk');
    await running.post(odd, { 'stripe-signature': signBytes(odd) });
    const [stored] = (await page(running, '?status=quarantined&order=desc&limit=1')).data;
    const masked = await describeEvent(database, await detailOf(database, stored as EventRow), {
      kind: 'operator',
    });
    expect(Buffer.from(masked.body_base64 ?? '', 'base64').toString()).toBe('{"half": "[redacted]');
  });
});
