import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { holdEventTable, untilStoringWaits } from '../support/locks.ts';
import { runQuittance, until } from '../support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

interface StoredRow {
  id: string;
  kind: string;
  problem: string | null;
  status: string | null;
  body: Buffer;
  batch: string;
  deliveries: number;
}

async function storedWith(body: string | Buffer): Promise<StoredRow[]> {
  return database.sql<StoredRow>`
    select e.id, e.kind, e.problem, o.status, e.body, e.stored_by::text as batch, e.deliveries
    from quittance.event e left join quittance.outcome o using (seq) where e.body = ${Buffer.from(body)}`;
}

const withObject = (json: string): string =>
  JSON.stringify(makeEvent({ data: { object: { id: 'cus_odd', it: 0 } } })).replace('"it":0', `"it":${json}`);

const ODD: [kind: string, body: string | Buffer][] = [
  ['not_utf8', Buffer.from([0x7b, 0x22, 0xff, 0x00, 0xc3, 0x22, 0x7d])],
  ['not_json', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(makeEvent()))])],
  ['not_json', 'this is no JSON'],
  ['not_json', ''],
  ['not_an_object', 'null'],
  ['not_an_object', '[]'],
  ['nested_too_deeply', withObject('['.repeat(10_000) + ']'.repeat(10_000))],
  ['duplicate_key', withObject('{"amount":1,"amount":100000}')],
  ['prototype_key', withObject('{"__proto__":{"paid":true}}')],
  ['number_out_of_range', withObject('9223372036854775808')],
  ['nul_character', withObject('"a\\u0000b"')],
  ['lone_surrogate', withObject('"\\ud800"')],
  ['not_an_event', JSON.stringify(makeEvent({ id: null }))],
  ['unknown_type', JSON.stringify(makeEvent({ type: 'customer.abducted' }))],
  ['unknown_api_version', JSON.stringify(makeEvent({ api_version: '2099-12-31.zucchini' }))],
];

describe('case 9: a body that is rightly signed and odd', () => {
  it('is stored byte for byte and put aside, and its neighbours are worked on', async () => {
    let verified = 0;
    const { post, api } = await runQuittance(url, {
      handlers: { 'customer.updated': () => {} },
      reach: (name) => void (verified += name === 'webhook.after_verify' ? 1 : 0),
    });
    const lock = await holdEventTable(database);
    // One statement waits for the lock; everything else is then one batch.
    const first = post(makeEvent());
    await untilStoringWaits(database);
    const neighbours = [makeEvent(), makeEvent()];
    const answers = [post(neighbours[0]), ...ODD.map(([, body]) => post(body)), post(neighbours[1])];
    await until(async () => verified === ODD.length + 3, 'every request to be read');
    await lock.release();
    const statuses = (await Promise.all([first, ...answers])).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: ODD.length + 3 }, () => 200));

    const batches = new Set<string>();
    for (const [problem, body] of ODD) {
      const rows = await storedWith(body);
      expect(rows).toMatchObject([{ problem, status: 'quarantined' }]);
      expect(rows[0]?.body.toString('latin1')).toBe(Buffer.from(body).toString('latin1'));
      batches.add(rows[0]?.batch as string);
    }
    for (const neighbour of neighbours) {
      const [row] = await storedWith(JSON.stringify(neighbour));
      expect(row).toMatchObject({ problem: null, status: null });
      batches.add(row?.batch as string);
      const status = await until(async () => {
        const answer = (await (await api(`/api/events/${neighbour.id}`)).json()) as { status: string };
        return answer.status === 'pending' ? null : answer.status;
      }, 'the neighbour to be worked on');
      expect(status).toBe('done');
    }
    // Control: they really were neighbours, stored by one statement.
    expect(batches.size).toBe(1);
  });

  it('raises an alarm for each kind, and is listed as quarantined', async () => {
    const { post, api } = await runQuittance(url);
    const event = makeEvent({ type: 'customer.kidnapped' });
    expect((await post(event)).status).toBe(200);
    const listed = (await (await api(`/api/events/${event.id}`)).json()) as Record<string, unknown>;
    expect(listed).toMatchObject({
      status: 'quarantined',
      last_error: expect.stringContaining('unknown_type'),
    });
    const alarm = await until(async () => {
      const rows = await database.sql<{ detail: string }>`
        select detail from quittance.alarm where code = 'event_quarantined' and subject = 'unknown_type'`;
      return rows.find(({ detail }) => detail.includes(event.id));
    }, 'the alarm');
    expect(alarm.detail).toContain('customer.kidnapped');
  });

  it('that comes again is counted, not stored again', async () => {
    const { post } = await runQuittance(url);
    for (let delivery = 0; delivery < 3; delivery += 1)
      expect((await post('{"odd":"twice"}')).status).toBe(200);
    expect(await storedWith('{"odd":"twice"}')).toMatchObject([{ deliveries: 3 }]);
  });

  it('that the database itself refuses is stored without its names, once, and alarmed', async () => {
    // Stands for whatever PostgreSQL may find fault with that we did not think of.
    await database.pool.query(`alter table quittance.event add constraint peeve
      check (type <> 'customer.deleted') not valid`);
    const { post } = await runQuittance(url);
    const [before, peeve, after] = [makeEvent(), makeEvent({ type: 'customer.deleted' }), makeEvent()];
    const answers = await Promise.all([before, peeve, after].map((event) => post(event)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post(peeve)).status).toBe(200);
    expect(await storedWith(JSON.stringify(peeve))).toMatchObject([
      { id: peeve.id, kind: 'unreadable', problem: 'unstorable', status: 'quarantined', deliveries: 2 },
    ]);
    for (const event of [before, after]) {
      expect(await storedWith(JSON.stringify(event))).toMatchObject([{ problem: null, deliveries: 1 }]);
    }
    await until(async () => {
      const rows = await database.sql`select from quittance.alarm where subject = 'unstorable'`;
      return rows.length === 1;
    }, 'the alarm');
  });
});

describe('a thin event at the same address', () => {
  it('is recognised, stored under its related object and worked on', async () => {
    const seen: unknown[] = [];
    const { post } = await runQuittance(url, {
      stripeThinWebhookSecret: 'whsec_thin_destination',
      handlers: { 'v1.customer.updated': ({ event }) => void seen.push(event) },
    });
    const thin = {
      id: 'evt_thin_over_http',
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      livemode: false,
      created: '2026-10-28T10:00:00.000Z',
      related_object: { id: 'cus_thin', type: 'customer', url: '/v1/customers/cus_thin' },
    };
    expect((await post(thin)).status).toBe(200);
    await until(async () => seen.length > 0, 'the handler');
    const rows =
      await database.sql`select kind, object_id, problem from quittance.event where id = ${thin.id}`;
    expect(rows).toEqual([{ kind: 'thin', object_id: 'cus_thin', problem: null }]);
  });
});
