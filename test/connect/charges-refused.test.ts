import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { parseOptions } from '../../src/options.ts';
import { askOrder, CATALOGUE, orderOf, sharesOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { API_KEY } from '../support/quittance.ts';
import { control } from '../simulator/support/simulator.ts';
import { stripeCalls } from '../support/stripe-log.ts';

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openMarket(): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  const products = [...CATALOGUE, { id: 'palace', name: 'Palace', price: 9_999_999, currency: 'usd' }];
  const market = await runMarketplace({ url, sql: database.sql }, { products });
  // What Stripe tells of them would set right what these tests make wrong.
  market.simulator.faults.add({ kind: 'drop' });
  await readySeller(market, 'ann');
  await readySeller(market, 'bob');
  return market;
}

const PALACES = { id: 'palace', quantity: 6 };

interface Refusal {
  status: number;
  code: string;
  field?: string;
  seller?: string;
  detail: string;
}

const problemOf = async (answer: Response): Promise<Refusal> => (await answer.json()) as Refusal;

function askLink(market: Marketplace, body: unknown, key?: string): Promise<Response> {
  return fetch(`${market.url}/api/create-payment-link`, {
    method: 'POST',
    headers: key ? { 'idempotency-key': key } : {},
    body: JSON.stringify(body),
  });
}

async function checkoutCalls({ simulator }: Marketplace): Promise<number> {
  return (await stripeCalls(simulator, 'POST /v1/checkout/sessions')).length;
}

describe('a seller who is not ready', () => {
  it('can not be sold for: nothing is written, and nothing called at Stripe', async () => {
    const market = await openMarket();
    const before = await market.orders();
    for (const status of ['not_started', 'incomplete', 'under_review', 'restricted', 'disconnected']) {
      await database.sql`update quittance.seller set status = ${status} where reference = 'ann'`;
      const api = await problemOf(await askOrder(market, { items: [{ id: 'boat' }, { id: 'cabin' }] }));
      expect(api).toMatchObject({ status: 409, code: 'seller_not_ready', seller: 'ann' });
      expect(api.detail).toContain(status);
      const buyer = await problemOf(await askLink(market, { id: 'cabin' }));
      expect(buyer).toMatchObject({ status: 409, code: 'seller_not_ready' });
      // Who sells is no business of the buyer's.
      expect(JSON.stringify(buyer)).not.toContain('ann');
    }
    const unknown = await problemOf(await askOrder(market, { items: [{ id: 'room' }], seller: 'zoe' }));
    expect(unknown).toMatchObject({ status: 409, code: 'seller_not_ready', seller: 'zoe' });
    await database.sql`update quittance.seller set charges_enabled = false where reference = 'bob'`;
    const direct = await problemOf(await askOrder(market, { items: [{ id: 'tent' }] }));
    expect(direct).toMatchObject({ status: 409, code: 'seller_not_ready', seller: 'bob' });
    expect(await market.orders()).toEqual(before);
    expect(await checkoutCalls(market)).toBe(0);
    // Control: who is ready is sold for.
    await database.sql`update quittance.seller set status = 'ready'`;
    expect((await askLink(market, { id: 'cabin' })).status).toBe(201);
    expect(await checkoutCalls(market)).toBe(1);
  });

  it('of an order already written is noticed before its session is made', async () => {
    const market = await openMarket();
    const fault = market.simulator.faults.add({ kind: 'reset_before', match: '/v1/checkout/sessions' });
    expect((await askLink(market, { id: 'cabin' }, 'late')).status).toBe(502);
    market.simulator.faults.clear(fault);
    await database.sql`update quittance.seller set status = 'restricted' where reference = 'ann'`;
    const calls = await checkoutCalls(market);
    const refused = await problemOf(await askLink(market, { id: 'cabin' }, 'late'));
    expect(refused).toMatchObject({ status: 409, code: 'seller_not_ready' });
    expect(await checkoutCalls(market)).toBe(calls);
    await database.sql`update quittance.seller set status = 'ready'`;
    expect((await askLink(market, { id: 'cabin' }, 'late')).status).toBe(201);
  });
});

describe('a seller whom Stripe has stopped, which we have not heard yet', () => {
  it('is not ready either, and the same order can be paid once they are', async () => {
    const market = await openMarket();
    const { id } = await market.stripe.accounts.create({ capabilities: { transfers: { requested: true } } });
    await database.sql`update quittance.seller set account = ${id} where reference = 'ann'`;
    const refused = await problemOf(await askLink(market, { id: 'cabin' }, 'stopped'));
    expect(refused).toMatchObject({ status: 409, code: 'seller_not_ready' });
    expect(await checkoutCalls(market)).toBe(1);
    await control(market.simulator, 'POST', `accounts/${id}/onboard`, {});
    expect((await askLink(market, { id: 'cabin' }, 'stopped')).status).toBe(201);
  });
});

describe('S12: a buyer', () => {
  const bad: [string, unknown, string][] = [
    ['a price', { items: [{ id: 'cabin', price: 1 }] }, 'items.0.price'],
    ['another seller', { items: [{ id: 'cabin', seller: 'bob' }] }, 'items.0.seller'],
    ['another fee', { items: [{ id: 'cabin' }, { id: 'boat', fee: { fixed: 0 } }] }, 'items.1.fee'],
    ['a fee for all', { items: [{ id: 'cabin' }], fee: { percent: 0 } }, 'fee'],
    ['a receiver', { id: 'cabin', destination: 'acct_mine' }, 'destination'],
    ['another kind of charge', { items: [{ id: 'cabin' }], charge: 'direct' }, 'charge'],
    ['a cart and a product', { id: 'cabin', items: [{ id: 'cabin' }] }, 'id'],
    ['the same product twice', { items: [{ id: 'boat' }, { id: 'cabin' }, { id: 'boat' }] }, 'items.2.id'],
    ['less than nothing', { items: [{ id: 'cabin', quantity: -1 }] }, 'items.0.quantity'],
    ['too many', { items: [{ id: 'coffee' }, { id: 'cabin', quantity: 11 }] }, 'items.1.quantity'],
    ['an empty cart', { items: [] }, 'items'],
    ['a cart of a hundred and one', { items: Array.from({ length: 101 }, () => ({ id: 'boat' })) }, 'items'],
    ['two currencies', { items: [{ id: 'cabin' }, { id: 'bath' }] }, 'items.1.id'],
    ['direct charges of several', { items: [{ id: 'tent' }, { id: 'cabin' }] }, 'items'],
    ['a direct charge with ours', { items: [{ id: 'tent' }, { id: 'coffee' }] }, 'items'],
    ['a direct charge with another kind', { items: [{ id: 'tent' }, { id: 'boat' }] }, 'items'],
    ['two merchants of record', { items: [{ id: 'boat' }, { id: 'hat' }] }, 'items.1.id'],
  ];

  it('can ask for products and quantities, and for nothing else', async () => {
    const market = await openMarket();
    const before = await market.orders();
    for (const [name, body, field] of bad) {
      const refused = await problemOf(await askLink(market, body));
      expect({ name, ...refused }).toMatchObject({ name, status: 400, code: 'invalid_request', field });
    }
    expect(await market.orders()).toEqual(before);
    // Control: what all of them are made from is sold.
    expect((await askLink(market, { items: [{ id: 'cabin' }, { id: 'boat' }] })).status).toBe(201);
  });
});

describe('an order of the platform', () => {
  it('needs the API key', async () => {
    const market = await openMarket();
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${market.url}/api/orders`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ items: [{ id: 'coffee' }] }),
      });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer guessed' })).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${API_KEY}` })).status).toBe(201);
  });

  const wrong: [string, unknown, string][] = [
    ['a fee of more than all', { items: [{ id: 'room', fee: { percent: 101 } }] }, 'items.0.fee.percent'],
    ['a fee without a seller', { items: [{ id: 'room', fee: { percent: 10 } }] }, 'items.0.fee'],
    ['a kind of charge without a seller', { items: [{ id: 'room' }], charge: 'separate' }, 'charge'],
    ['one receiver of two', { items: [{ id: 'cabin' }, { id: 'boat' }], charge: 'destination' }, 'charge'],
    ['a direct charge of two', { items: [{ id: 'cabin' }, { id: 'boat' }], charge: 'direct' }, 'charge'],
    [
      'merchants of record of two',
      { items: [{ id: 'cabin' }, { id: 'boat' }], on_behalf_of: true },
      'on_behalf_of',
    ],
    ['a price', { items: [{ id: 'room', price: 1 }] }, 'items.0.price'],
    ['another page', { items: [{ id: 'room' }], ui: 'embedded' }, 'ui'],
    ['more than a payment can be', { items: [PALACES, PALACES] }, 'items'],
  ];

  it('is refused by the name of what is wrong', async () => {
    const market = await openMarket();
    for (const [name, body, field] of wrong) {
      const refused = await problemOf(await askOrder(market, body));
      expect({ name, ...refused }).toMatchObject({ name, status: 400, code: 'invalid_request', field });
    }
  });

  it('may name sellers and fees for each item, and the same key is the same order', async () => {
    const market = await openMarket();
    const items = [
      { id: 'room', seller: 'ann' },
      { id: 'room', seller: 'bob', quantity: 2, fee: { percent: 5 } },
      { id: 'cabin' },
    ];
    const ask = (body: unknown): Promise<Response> =>
      fetch(`${market.url}/api/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'booking-7' },
        body: JSON.stringify(body),
      });
    const answers = await Promise.all([ask({ items }), ask({ items }), ask({ items })]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { order: { id: string } }[];
    expect(new Set(bodies.map(({ order }) => order.id)).size).toBe(1);
    const order = { order: bodies[0]?.order.id ?? '' };
    // 12 % of 8000 and 10 % of 10000 are Ann's; 5 % of 16000 is Bob's.
    expect(await sharesOf(market, order)).toMatchObject([
      { reference: 'ann', amount: 18_000, fee: 1_960 },
      { reference: 'bob', amount: 16_000, fee: 800 },
    ]);
    expect(await wholeOrderOf(market, order)).toMatchObject({ charge_type: 'separate', fee: 2_760 });
    const other = await problemOf(await ask({ items, charge: 'separate' }));
    expect(other).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
    // A direct order lives on another account, and its key is no other's either.
    const direct = await problemOf(await ask({ items: [{ id: 'tent' }] }));
    expect(direct.code).toBe('idempotency_key_reused');
  });

  it('shows sellers and fees to the platform alone', async () => {
    const market = await openMarket();
    const made = await orderOf(market, { items: [{ id: 'cabin' }] });
    const read = async (token: string): Promise<string> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${market.url}/api/orders/${made.order}`, { headers })).text();
    };
    expect(await read(made.token)).toContain('"name":"Cabin"');
    expect(await read(made.token)).not.toMatch(/ann|fee|acct_/);
    expect(await read(API_KEY)).toMatch(/"seller":"ann".*acct_.*"fee":1000/);
  });
});

describe('a configuration', () => {
  it.each([
    [{ fee: { percent: 10.12345 } }, 'fee.percent'],
    [{ fee: { percent: 10, flat: 3 } }, 'fee'],
    [{ charge: 'direct', on_behalf_of: true }, 'on_behalf_of'],
    [{ seller: 'a space' }, 'seller'],
    [{ charge: 'someday' }, 'charge'],
  ])('with %j is refused by name', (more, place) => {
    const products = [{ id: 'x', name: 'X', price: 1, currency: 'usd', seller: 'ann', ...more }] as never;
    const options = { databaseUrl: 'postgres://x', secret: 'x'.repeat(16), products };
    expect(() => parseOptions(options)).toThrow(`products (at 0.${place})`);
  });
});
