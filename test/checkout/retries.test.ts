import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { linkFrom, orderFrom, runDeafShop, stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import type { Shop } from '../support/shop.ts';
import { stripeCalls } from '../support/stripe-log.ts';

const CREATE = 'POST /v1/checkout/sessions';
const LIST = 'GET /v1/checkout/sessions';
const HOUR_MS = 60 * 60 * 1000;

let place: { url: string; sql: Database['sql'] };
let database: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  place = { url: fresh.url, sql: database.sql };
});

async function problemOf(answer: Response): Promise<unknown> {
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, code };
}

async function orderOf(key: string): Promise<{ id: string; session: string | null; attempt: number }> {
  const [row] = await database.sql<{ id: string; session: string | null; attempt: number }>`
    select id, checkout_session as session, checkout_attempt as attempt
    from quittance.orders where request_key = ${key}`;
  if (!row) throw new Error('no order');
  return row;
}

async function sessionsOf(shop: Shop, order: string): Promise<string[]> {
  const { data } = await stripeOf(shop.simulator).checkout.sessions.list({ limit: 100 });
  return data.filter(({ metadata }) => metadata?.quittance_order === order).map(({ id }) => id);
}

const UNAVAILABLE = { status: 502, code: 'stripe_unavailable' };

describe('case 30: a Checkout Session whose creation is interrupted', () => {
  it('Stripe does it and its answer is lost: the same key and parameters find it again', async () => {
    const shop = await runDeafShop(place);
    shop.simulator.faults.add({ kind: 'reset_after', match: CREATE, times: 2 });
    expect(await problemOf(await orderFrom(shop, { key: 'lost' }))).toEqual(UNAVAILABLE);
    // The order is on record, and knows nothing of the session that exists.
    const order = await orderOf('lost');
    expect(order).toMatchObject({ session: null, attempt: 1 });
    expect(await sessionsOf(shop, order.id)).toHaveLength(1);

    const link = await linkFrom(shop, { key: 'lost' });
    expect(link.order).toBe(order.id);
    expect(await sessionsOf(shop, order.id)).toEqual([link.session]);
    const calls = await stripeCalls(shop.simulator, CREATE);
    expect(new Set(calls.map((call) => call.idempotency_key))).toEqual(
      new Set([`quittance_checkout_${order.id}_1`]),
    );
    expect(new Set(calls.map((call) => JSON.stringify(call.params))).size).toBe(1);
    expect(calls.at(-1)).toMatchObject({ replayed: true, status: 200 });
  });

  it('Stripe is away: the order waits, and the next try makes the one session', async () => {
    const shop = await runDeafShop(place);
    const fault = shop.simulator.faults.add({ kind: 'reset_before', match: CREATE });
    expect(await problemOf(await orderFrom(shop, { key: 'away' }))).toEqual(UNAVAILABLE);
    expect(await orderOf('away')).toMatchObject({ session: null });
    shop.simulator.faults.clear(fault);
    const link = await linkFrom(shop, { key: 'away' });
    expect(await sessionsOf(shop, link.order)).toEqual([link.session]);
    // Once more: the same order, the same address, and Stripe is not asked.
    const calls = (await stripeCalls(shop.simulator)).length;
    expect(await linkFrom(shop, { key: 'away' })).toEqual(link);
    expect((await stripeCalls(shop.simulator)).length).toBe(calls);
  });

  it('a 500, which Stripe repeats for its key: looked up, then a new key', async () => {
    const shop = await runDeafShop(place);
    shop.simulator.faults.add({ kind: 'api_error', match: CREATE, times: 1 });
    expect(await problemOf(await orderFrom(shop, { key: 'broken' }))).toEqual(UNAVAILABLE);
    // Control: the client itself had tried again and got the same 500 from the key.
    const before = await stripeCalls(shop.simulator, CREATE);
    expect(before.map(({ status, replayed }) => [status, replayed])).toEqual([
      [500, false],
      [500, true],
    ]);
    const link = await linkFrom(shop, { key: 'broken' });
    const calls = await stripeCalls(shop.simulator);
    const after = calls.filter(({ path }) => path === '/v1/checkout/sessions').slice(2);
    expect(after.map(({ method, idempotency_key }) => [method, idempotency_key])).toEqual([
      ['GET', null],
      ['POST', `quittance_checkout_${link.order}_2`],
    ]);
    expect(await sessionsOf(shop, link.order)).toEqual([link.session]);
  });

  it('a 500 behind which the session was made: it is found, and no second one is made', async () => {
    const shop = await runDeafShop(place);
    shop.simulator.faults.add({ kind: 'api_error', match: CREATE, times: 1 });
    expect(await problemOf(await orderFrom(shop, { key: 'half' }))).toEqual(UNAVAILABLE);
    const { id } = await orderOf('half');
    const made = await stripeOf(shop.simulator).checkout.sessions.create({
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } } },
      ],
      success_url: 'http://localhost/',
      metadata: { quittance_order: id },
    });
    expect((await linkFrom(shop, { key: 'half' })).session).toBe(made.id);
    expect(await sessionsOf(shop, id)).toEqual([made.id]);
  });

  it('after more than a day, when Stripe may have forgotten the key: looked up first', async () => {
    let now = Date.now();
    const shop = await runDeafShop(place, { clock: { now: () => now } });
    shop.simulator.faults.add({ kind: 'reset_after', match: CREATE, times: 2 });
    await orderFrom(shop, { key: 'old' });
    const { id } = await orderOf('old');
    const [made] = await sessionsOf(shop, id);
    now += 25 * HOUR_MS;
    const creations = (await stripeCalls(shop.simulator, CREATE)).length;
    expect((await linkFrom(shop, { key: 'old' })).session).toBe(made);
    expect((await stripeCalls(shop.simulator, CREATE)).length).toBe(creations);
    expect(await stripeCalls(shop.simulator, LIST)).not.toEqual([]);
  });

  it('the age of a key counts from its first use, not from its last', async () => {
    let now = Date.now();
    const shop = await runDeafShop(place, { clock: { now: () => now } });
    const away = (): string => shop.simulator.faults.add({ kind: 'reset_before', match: CREATE });
    for (const hours of [0, 20]) {
      now += hours * HOUR_MS;
      const fault = away();
      expect(await problemOf(await orderFrom(shop, { key: 'often' }))).toEqual(UNAVAILABLE);
      shop.simulator.faults.clear(fault);
    }
    expect(await stripeCalls(shop.simulator, LIST)).toEqual([]);
    now += 20 * HOUR_MS;
    const { order } = await linkFrom(shop, { key: 'often' });
    const calls = await stripeCalls(shop.simulator);
    const last = calls.filter(({ path }) => path === '/v1/checkout/sessions').slice(-2);
    expect(last.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(last.at(-1)?.idempotency_key).toBe(`quittance_checkout_${order}_1`);
  });

  it('a double click, twenty at once: one order, one session, one address', async () => {
    const shop = await runDeafShop(place);
    const slow = shop.simulator.faults.add({ kind: 'slow', match: CREATE, ms: 100 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => orderFrom(shop, { key: 'double' })));
    shop.simulator.faults.clear(slow);
    // Who came while Stripe was at it may be asked to come again; nobody gets anything else.
    expect(answers.filter(({ status }) => status !== 201 && status !== 502)).toEqual([]);
    const { id, session } = await orderOf('double');
    expect(await sessionsOf(shop, id)).toEqual([session]);
    const urls = await Promise.all(
      answers
        .filter(({ status }) => status === 201)
        .map(async (answer) => ((await answer.json()) as { data: { url: string } }).data.url),
    );
    expect(urls.length).toBeGreaterThan(0);
    expect(new Set([...urls, (await linkFrom(shop, { key: 'double' })).url]).size).toBe(1);
    const keys = (await stripeCalls(shop.simulator, CREATE)).map((call) => call.idempotency_key);
    expect(new Set(keys)).toEqual(new Set([`quittance_checkout_${id}_1`]));
  });

  it('a key used for something else is refused, and what Stripe refuses is not tried again', async () => {
    const shop = await runDeafShop(place);
    await linkFrom(shop, { key: 'used', quantity: 1 });
    expect(await problemOf(await orderFrom(shop, { key: 'used', quantity: 2 }))).toEqual({
      status: 409,
      code: 'idempotency_key_reused',
    });
    shop.simulator.faults.add({ kind: 'api_error', match: CREATE, status: 403, when: 'before', times: 1 });
    expect(await problemOf(await orderFrom(shop, { key: 'refused' }))).toEqual({
      status: 502,
      code: 'stripe_rejected',
    });
    expect(await orderOf('refused')).toMatchObject({ attempt: 1, session: null });
  });
});
