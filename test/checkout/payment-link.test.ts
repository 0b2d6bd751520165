import Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { runShop, STRIPE_KEY, type Shop } from '../support/shop.ts';

let place: { url: string; database: Database };

beforeAll(async () => {
  place = await freshDatabase();
});

function openShop(): Promise<Shop> {
  return runShop({ url: place.url, sql: place.database.sql });
}

interface Link {
  message: string;
  data: { url: string; order_id: string; order_token: string };
}

function ask(shop: Shop, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${shop.url}/api/create-payment-link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function stripeOf(shop: Shop): Stripe {
  const { hostname, port } = new URL(shop.simulator.url);
  return new Stripe(STRIPE_KEY, { host: hostname, port, protocol: 'http', telemetry: false });
}

describe('POST /api/create-payment-link', () => {
  it('answers 201 with a link, an order and its token; the price is the configured one', async () => {
    const shop = await openShop();
    const answer = await ask(shop, { id: 'coffee', quantity: 2, email: 'a@example.com' });
    expect(answer.status).toBe(201);
    const { message, data } = (await answer.json()) as Link;
    expect(message).not.toBe('');
    const order = await shop.order(data.order_id);
    expect(order).toMatchObject({
      status: 'pending',
      product: 'coffee',
      quantity: 2,
      amount: { value: 700, currency: 'usd' },
      livemode: false,
      payment_intent: null,
      paid_at: null,
      fulfilled_at: null,
    });
    const session = await stripeOf(shop).checkout.sessions.retrieve(order.checkout_session ?? '');
    expect(session).toMatchObject({
      url: data.url,
      amount_total: 700,
      currency: 'usd',
      customer_email: 'a@example.com',
      client_reference_id: data.order_id,
      metadata: { quittance_order: data.order_id },
    });
  });

  it.each([
    ['an unknown product', { id: 'tea' }, 404, 'product_not_found', undefined],
    ['a price of the buyer', { id: 'coffee', price: 1 }, 400, 'invalid_request', 'price'],
    ['an amount of the buyer', { id: 'coffee', amount: 1 }, 400, 'invalid_request', 'amount'],
    ['a currency of the buyer', { id: 'coffee', currency: 'jpy' }, 400, 'invalid_request', 'currency'],
    ['no product', {}, 400, 'invalid_request', 'id'],
    ['a product that is no text', { id: 7 }, 400, 'invalid_request', 'id'],
    ['the name of a built-in', { id: '__proto__' }, 404, 'product_not_found', undefined],
    ['no quantity at all', { id: 'coffee', quantity: 0 }, 400, 'invalid_request', 'quantity'],
    ['a negative quantity', { id: 'coffee', quantity: -1 }, 400, 'invalid_request', 'quantity'],
    ['half a coffee', { id: 'coffee', quantity: 0.5 }, 400, 'invalid_request', 'quantity'],
    ['too many', { id: 'coffee', quantity: 11 }, 400, 'invalid_request', 'quantity'],
    ['a quantity as text', { id: 'coffee', quantity: '2' }, 400, 'invalid_request', 'quantity'],
    ['a quantity beyond numbers', '{"id":"coffee","quantity":1e999}', 400, 'invalid_request', 'quantity'],
    ['an address that is none', { id: 'coffee', email: 'ann' }, 400, 'invalid_request', 'email'],
    ['a list', [], 400, 'invalid_request', undefined],
    ['null', 'null', 400, 'invalid_request', undefined],
    ['no JSON', '{"id":', 400, 'invalid_request', undefined],
    ['a body too large', `{"id":"${'x'.repeat(20_000)}"}`, 413, 'body_too_large', undefined],
  ])('refuses %s', async (_name, body, status, code, field) => {
    const shop = await openShop();
    const before = await shop.orders();
    const answer = await ask(shop, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await answer.json()) as { code: string; field?: string; detail: string };
    expect(problem.code).toBe(code);
    expect(problem.field).toBe(field);
    expect(problem.detail).not.toBe('');
    expect(await shop.orders()).toEqual(before);
  });

  it('makes one order and one session of a double click with the same Idempotency-Key', async () => {
    const shop = await openShop();
    const click = () => ask(shop, { id: 'coffee' }, { 'idempotency-key': 'click-1' });
    const answers = await Promise.all([click(), click(), click()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const links = (await Promise.all(answers.map((answer) => answer.json()))) as Link[];
    expect(new Set(links.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    const later = (await (await click()).json()) as Link;
    expect(later).toEqual(links[0]);
    const sessions = await stripeOf(shop).checkout.sessions.list();
    expect(sessions.data).toHaveLength(1);
    // Control: without a key, or with another, it is another order.
    const other = (await (
      await ask(shop, { id: 'coffee' }, { 'idempotency-key': 'click-2' })
    ).json()) as Link;
    expect(other.data.order_id).not.toBe(later.data.order_id);
  });

  it('refuses a key that was used for something else, or is no key', async () => {
    const shop = await openShop();
    await ask(shop, { id: 'coffee', quantity: 1 }, { 'idempotency-key': 'reused' });
    const answer = await ask(shop, { id: 'coffee', quantity: 2 }, { 'idempotency-key': 'reused' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'idempotency_key_reused' });
    const long = await ask(shop, { id: 'coffee' }, { 'idempotency-key': 'x'.repeat(256) });
    expect(await long.json()).toMatchObject({ status: 400, code: 'invalid_idempotency_key' });
  });

  it('answers 502 when Stripe is away, keeps the order, and the same key tries again', async () => {
    const shop = await openShop();
    const fault = shop.simulator.faults.add({ kind: 'reset_before', match: '/v1/checkout/sessions' });
    const away = await ask(shop, { id: 'coffee' }, { 'idempotency-key': 'away' });
    expect(away.status).toBe(502);
    expect(away.headers.get('retry-after')).not.toBeNull();
    expect(await away.json()).toMatchObject({ code: 'stripe_unavailable' });
    const [order] = (await shop.orders()).slice(-1);
    expect(order?.status).toBe('pending');
    shop.simulator.faults.clear(fault);
    const back = await ask(shop, { id: 'coffee' }, { 'idempotency-key': 'away' });
    expect(back.status).toBe(201);
    expect(((await back.json()) as Link).data.order_id).toBe(order?.id);
  });
});

describe('GET /api/orders/:id', () => {
  it('opens with the API key or the order’s own token, and to nobody else', async () => {
    const shop = await openShop();
    const first = ((await (await ask(shop, { id: 'coffee' })).json()) as Link).data;
    const second = ((await (await ask(shop, { id: 'coffee' })).json()) as Link).data;
    const read = (id: string, token?: string) =>
      fetch(`${shop.url}/api/orders/${id}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    expect((await read(first.order_id, first.order_token)).status).toBe(200);
    expect((await read(first.order_id)).status).toBe(401);
    expect((await read(first.order_id, second.order_token)).status).toBe(404);
    expect((await read(first.order_id, 'guessed')).status).toBe(404);
    expect((await read('ord_unknown', second.order_token)).status).toBe(404);
    expect((await shop.api(`/api/orders/${first.order_id}`)).status).toBe(200);
    expect((await shop.api('/api/orders/ord_unknown')).status).toBe(404);
    const body = (await (await read(first.order_id, first.order_token)).json()) as object;
    expect(Object.keys(body)).toEqual([
      'id',
      'status',
      'product',
      'quantity',
      'items',
      'amount',
      'refunded',
      'livemode',
      'checkout_session',
      'payment_intent',
      'created_at',
      'paid_at',
      'fulfilled_at',
    ]);
  });
});
