import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Calendar } from '../../src/today/calendar.ts';
import { linkFrom, pay } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { insertSeller, insertSold } from '../support/figures.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';
import { runShop, type Shop } from '../support/shop.ts';
import { readStream } from '../support/stream.ts';

// A Monday, a quarter past noon in Berlin: the clocks there were put back the day before.
const NOON = '2024-10-28T11:15:20Z';
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const PAYMENTS = 2;

interface Currency {
  currency: string;
  amount: { value: number };
  payments: number;
  average: { value: number } | null;
  refunded: { value: number };
  last_week: { amount: { value: number }; payments: number };
  last_week_so_far: { amount: { value: number }; payments: number };
}

interface Today {
  date: string;
  last_week_date: string;
  revenue: Currency[];
  success: { tried: number; paid: number };
  next_deadline: { dispute: string } | null;
  has_payments: boolean;
  [figure: string]: unknown;
}

interface Revenue {
  success: { tried: number; paid: number };
  data: { date: string; revenue: { amount: { value: number; currency: string }; payments: number }[] }[];
}

let sql: Database['sql'];
let shop: Shop;
/** Another process on the same database, whose clock stands at noon of that Monday. */
let then: Running;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  sql = database.sql;
  shop = await runShop({ url, sql });
  then = await runQuittance(url, { clock: { now: () => Date.parse(NOON) } }, { work: false });
  await insertSold(sql, [
    { id: 'monday', amount: 1_000, paid: '2024-10-28T10:00:00Z' },
    // Half past midnight in Berlin, still Sunday in London.
    { id: 'night', amount: 200, paid: '2024-10-27T23:30:00Z' },
    { id: 'yen', amount: 5_000, currency: 'jpy', paid: '2024-10-28T11:00:00Z' },
    { id: 'live', amount: 70_000, livemode: true, paid: '2024-10-28T10:00:00Z' },
    // The hour that Berlin had twice on Sunday.
    { id: 'twice_1', amount: 10, paid: '2024-10-27T00:30:00Z' },
    { id: 'twice_2', amount: 20, paid: '2024-10-27T01:30:00Z' },
    // A week ago it was summer: noon in Berlin was 10:00 UTC, and 12:20 comes after "so far".
    { id: 'week_morning', amount: 300, paid: '2024-10-21T10:14:00Z' },
    { id: 'week_later', amount: 500, paid: '2024-10-21T10:20:00Z' },
    { id: 'week_evening', amount: 600, paid: '2024-10-21T21:59:59Z' },
    { id: 'week_next', amount: 9, paid: '2024-10-21T22:00:00Z' },
    { id: 'declined', amount: 1, status: 'failed', problem: 'declined', created: '2024-10-28T09:00:00Z' },
    { id: 'gave_up', amount: 1, status: 'expired', problem: 'declined', created: '2024-10-28T09:00:00Z' },
    { id: 'never_tried', amount: 1, status: 'expired', created: '2024-10-28T09:00:00Z' },
    { id: 'looked', amount: 1, status: 'pending', created: '2024-10-28T09:00:00Z' },
    { id: 'odd', amount: 40, status: 'review', paid: '2024-09-01T09:00:00Z' },
  ]);
  await insertSeller(sql, { id: 'sel_ann', account: 'acct_ann' }, [{ order: 'monday', amount: 400 }]);
  await insertSeller(sql, { id: 'sel_bob', account: 'acct_bob', status: 'restricted' }, [
    { order: 'monday', amount: 600 },
  ]);
  await sql`
    insert into quittance.refund
      (id, livemode, order_id, amount, currency, status, source, request_hash, created_at)
    values ('re_1', false, 'week_next', 9, 'usd', 'succeeded', 'api', '', '2024-10-28T08:00:00Z'),
           ('re_2', false, 'monday', 100, 'usd', 'failed', 'api', '', '2024-10-28T08:00:00Z')`;
  await sql`
    insert into quittance.dispute (id, livemode, order_id, charge, amount, currency, reason, status,
      opened_at, evidence_due_by, closed_at)
    values ('du_answered', false, 'monday', 'ch', 1, 'usd', '', 'under_review', now(), '2024-11-01', null),
           ('du_later', false, 'night', 'ch', 1, 'usd', '', 'needs_response', now(), '2024-11-09', null),
           ('du_next', false, 'night', 'ch', 1, 'usd', '', 'needs_response', now(), '2024-11-05', null),
           ('du_live', true, 'live', 'ch', 1, 'usd', '', 'needs_response', now(), '2024-11-02', null),
           ('du_over', false, 'night', 'ch', 1, 'usd', '', 'lost', now(), '2024-10-30', now())`;
});

async function ask<Answer>(running: Running, path: string): Promise<Answer> {
  const response = await running.api(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

function amountsOf({ revenue }: Today): unknown {
  return revenue.map(({ currency, amount, payments }) => [currency, amount.value, payments]);
}

describe('revenue of a day', () => {
  it('is of one mode, each currency for itself, and of the day as it is where one is', async () => {
    const berlin = await ask<Today>(then, '/api/today?tz=Europe/Berlin');
    expect([berlin.date, berlin.last_week_date]).toEqual(['2024-10-28', '2024-10-21']);
    expect(amountsOf(berlin)).toEqual([
      ['jpy', 5_000, 1],
      ['usd', 1_200, 2],
    ]);
    // The controls: another zone, and the other mode.
    expect(amountsOf(await ask(then, '/api/today'))).toContainEqual(['usd', 1_000, 1]);
    expect(amountsOf(await ask(then, '/api/today?tz=America/New_York'))).toContainEqual(['usd', 1_000, 1]);
    expect(amountsOf(await ask(then, '/api/today?livemode=true'))).toEqual([['usd', 70_000, 1]]);
  });

  it('stands beside the same weekday a week before, whole and up to the same time by the clock', async () => {
    const { revenue } = await ask<Today>(then, '/api/today?tz=Europe/Berlin');
    expect(revenue[1]).toMatchObject({
      average: { value: 600 },
      refunded: { value: 9 },
      last_week: { amount: { value: 1_400 }, payments: 3 },
      last_week_so_far: { amount: { value: 300 }, payments: 1 },
    });
    expect(revenue[0]).toMatchObject({ last_week: { amount: { value: 0 }, payments: 0 } });
  });

  it('of a seller is its share, and nothing for an account nobody knows', async () => {
    expect(amountsOf(await ask(then, '/api/today?account=acct_ann'))).toEqual([['usd', 400, 1]]);
    expect(amountsOf(await ask(then, '/api/today?account=acct_nobody'))).toEqual([]);
    const ann = await ask<Today>(then, '/api/today?account=acct_ann');
    expect(ann).toMatchObject({ disputes_open: 1, next_deadline: null, sellers_not_ready: 0 });
  });

  it('comes with what was tried, and what waits for somebody', async () => {
    expect(await ask<Today>(then, '/api/today?tz=Europe/Berlin')).toMatchObject({
      success: { tried: 5, paid: 3 },
      disputes_open: 3,
      next_deadline: { dispute: 'du_next' },
      orders_in_review: 1,
      sellers_not_ready: 1,
      has_payments: true,
    });
  });
});

describe('revenue by day', () => {
  it('has every day, and days of 23 and 25 hours whole', async () => {
    const { data, success } = await ask<Revenue>(then, '/api/revenue?days=30&tz=Europe/Berlin');
    expect(data).toHaveLength(30);
    expect([data[0]?.date, data.at(-1)?.date]).toEqual(['2024-09-29', '2024-10-28']);
    const days = data.filter(({ revenue }) => revenue.length > 0);
    const usd = days.map(({ date, revenue }) => {
      return [date, revenue.find(({ amount }) => amount.currency === 'usd')?.amount.value];
    });
    expect(usd).toEqual([
      ['2024-10-21', 1_400],
      ['2024-10-22', 9],
      ['2024-10-27', 30],
      ['2024-10-28', 1_200],
    ]);
    expect(success).toEqual({ tried: 11, paid: 9 });
  });

  it('knows where a day begins when the clocks move at midnight', () => {
    const starts = (zone: string, now: string): unknown => {
      const calendar = new Calendar(zone);
      const { from, to } = calendar.dayAt(Date.parse(now));
      return [from.toISOString(), (to.getTime() - from.getTime()) / HOUR_MS];
    };
    expect(starts('America/New_York', '2026-03-08T12:00:00Z')).toEqual(['2026-03-08T05:00:00.000Z', 23]);
    expect(starts('America/New_York', '2026-11-01T12:00:00Z')).toEqual(['2026-11-01T04:00:00.000Z', 25]);
    // There is no midnight in Cairo when summer begins, and Havana has two when it ends.
    expect(starts('Africa/Cairo', '2026-04-24T12:00:00Z')).toEqual(['2026-04-23T22:00:00.000Z', 23]);
    expect(starts('America/Havana', '2026-11-01T12:00:00Z')).toEqual(['2026-11-01T04:00:00.000Z', 25]);
  });

  it('wants a zone that exists and a number of days it has', async () => {
    for (const query of ['tz=Mars/Olympus', 'tz=%2B02:00', 'days=31']) {
      const response = await then.api(`/api/revenue?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: 'invalid_request',
        field: query.split('=')[0],
      });
    }
  });
});

describe('what is watched', () => {
  it('shows a payment within a second of the webhook’s commit', async () => {
    const stream = readStream(await shop.api('/api/today/events'));
    const payments = ({ revenue }: Today): number => revenue[0]?.payments ?? 0;
    expect(payments(await stream.next<Today>('today'))).toBe(0);
    const delays: number[] = [];
    for (let count = 1; count <= PAYMENTS; count += 1) {
      const link = await linkFrom(shop);
      expect(await pay(link)).toBe(true);
      while (payments(await stream.next<Today>('today')) < count);
      const seen = Date.now();
      const [told] = await sql<{ at: Date }>`
        select min(e.received_at) as at from quittance.event e join quittance.orders o
          on e.object_id in (o.checkout_session, o.payment_intent) where o.id = ${link.order}`;
      delays.push(seen - (told as { at: Date }).at.getTime());
    }
    // The machine of the suite is busy with other things, so the better of two counts.
    expect(Math.min(...delays)).toBeLessThan(SECOND_MS);
    await stream.close();
  });

  it('takes the key to open', async () => {
    for (const path of ['/api/today', '/api/today/events', '/api/revenue', '/api/health']) {
      expect((await fetch(`${shop.url}${path}`)).status).toBe(401);
    }
  });
});

describe('whether events get through', () => {
  it('is told by the minute, with what was refused and why, over all processes', async () => {
    const event = makeEvent();
    expect((await shop.post(event)).status).toBe(200);
    expect((await shop.post(event, { 'stripe-signature': 't=1,v1=00' })).status).toBe(400);
    expect((await then.post(event, { 'stripe-signature': undefined })).status).toBe(400);
    expect((await shop.post(makeEvent({ livemode: true }))).status).toBe(200);
    interface Health {
      events: { per_minute: { count: number }[]; quarantined: number };
      refused: { endpoint: string; reason: string; count: number }[];
      processes: unknown[];
      jobs: Record<string, number>;
    }
    const health = await until(async () => {
      const found = await ask<Health>(shop, '/api/health');
      const stored = found.events.per_minute.reduce((sum, { count }) => sum + count, 0);
      return stored > 0 && found.refused.some(({ reason }) => reason === 'invalid_signature') && found;
    }, 'the counts are written down');
    const endpoint = '/api/webhook';
    expect(health.refused).toContainEqual({ endpoint, reason: 'invalid_signature', count: 1 });
    expect(health.events.per_minute).toHaveLength(60);
    expect(health.processes).toHaveLength(2);
    expect(health.jobs).toMatchObject({ failed: 0 });
    expect(health.events.quarantined).toBe(0);
    expect((await ask<Health>(shop, '/api/health?livemode=true')).events.quarantined).toBe(1);
    // What a process had still in mind when it stopped.
    await then.stop();
    const [left] = await sql`select from quittance.entrance_minute where result = 'missing_signature'`;
    expect(left).toBeDefined();
  });
});
