import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { declineOf } from '../../src/orders/declines.ts';
import { orderToken } from '../../src/orders/token.ts';
import { CARD, DECLINED, linkFrom, pay } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { askOrders, storyOf, type ToldOrder } from '../support/orders.ts';
import { SECRET, until } from '../support/quittance.ts';
import { runShop, type Shop } from '../support/shop.ts';

let sql: Database['sql'];
let shop: Shop;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  ({ sql } = database);
  const products = [
    { id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' },
    { id: 'tea', name: '=Tea', price: 420, currency: 'eur' },
  ];
  shop = await runShop({ url, sql }, { products }, { redirectWaitMs: 0 });
});

function ask(path: string, body?: unknown): Promise<ToldOrder> {
  return askOrders(shop, path, body);
}

async function found(query: string): Promise<string[]> {
  const { data } = await ask(`?${query}`);
  return data.map(({ id }) => id);
}

describe('an order', () => {
  it('is found by what an operator knows of it, newest first, and only in its own mode', async () => {
    const [one, two, three] = [
      await linkFrom(shop),
      await linkFrom(shop, { id: 'tea' }),
      await linkFrom(shop),
    ];
    await pay(two, { ...CARD, email: 'Bob@Example.org' });
    await shop.orderIn(two.order, 'fulfilled');
    const [facts] = await sql<{ payment_intent: string; charge: string }>`
      select payment_intent, charge from quittance.orders where id = ${two.order}`;
    expect(await found('')).toEqual([three.order, two.order, one.order]);
    const day = new Date().toISOString().slice(0, 10);
    for (const query of [
      `id=${two.order}`,
      `id=${two.order.slice(0, -3)}`,
      'email=bob@example.org',
      'email=BOB%40',
      'amount=420',
      'search=4.20',
      'search=%E2%82%AC4%2C20',
      'search=bob%40ex',
      `search=${facts?.charge}`,
      `search=${two.session}`,
      'currency=eur',
      'status=fulfilled',
      'product=tea',
      `payment_intent=${facts?.payment_intent}`,
      `checkout_session=${two.session}`,
      `charge=${facts?.charge}`,
      `paid_from=${day}`,
      `product=tea&currency=eur&created_from=${day}`,
    ]) {
      expect([query, await found(query)]).toEqual([query, [two.order]]);
    }
    // What `like` would take for any character finds nothing, and neither do other modes and accounts.
    const inVain = [
      'id=%25',
      'email=%5F',
      'search=421',
      'livemode=true',
      'account=acct_none',
      `created_to=${day}`,
    ];
    for (const query of inVain) expect([query, await found(query)]).toEqual([query, []]);
    const first = await ask('?limit=2');
    expect(first.data.map(({ id }) => id)).toEqual([three.order, two.order]);
    expect(await found(`limit=2&after=${first.next}`)).toEqual([one.order]);
    for (const [query, field] of [
      ['status=lost', 'status'],
      ['created_from=yesterday', 'created_from'],
      ['id=', 'id'],
      ['account=me', 'account'],
      ['amount=', 'amount'],
      ['offset=3', 'offset'],
    ]) {
      expect(await ask(`?${query}`)).toMatchObject({ http: 400, code: 'invalid_request', field });
    }
    const file = await shop.api('/api/exports/orders?product=tea');
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [names = '', row = '', end] = (await file.text()).split('\r\n');
    expect(names).toMatch(/^id,status,created_at,/);
    expect(row).toContain(`${two.order},fulfilled,`);
    expect(row).toContain(',1 =Tea,1,420,eur,');
    expect(end).toBe('');
  });

  it('is opened by its own token, and nothing else of the API is', async () => {
    const { order } = await linkFrom(shop);
    const headers = { authorization: `Bearer ${orderToken(SECRET, order)}` };
    const as = async (path: string): Promise<[number, unknown]> => {
      const answer = await fetch(`${shop.url}/api/orders${path}`, { headers });
      return [answer.status, await answer.json()];
    };
    const [status, told] = await as(`/${order}`);
    expect([status, Object.keys(told as object)]).toEqual([
      200,
      expect.not.arrayContaining(['email', 'shares']),
    ]);
    expect((await as(`/ord_another`))[0]).toBe(404);
    for (const path of ['', `/${order}/timeline`, `/${order}/refunds`]) expect((await as(path))[0]).toBe(401);
  });

  it('has a story: what the buyer tried and why it failed, what came of it, and who did what', async () => {
    const link = await linkFrom(shop);
    expect(await pay(link, DECLINED)).toBe(false);
    expect(await pay(link)).toBe(true);
    await shop.orderIn(link.order, 'fulfilled');
    const refund = await ask(`/${link.order}/refunds`, { amount: 100, reason: 'duplicate' });
    expect(refund).toMatchObject({ http: 201 });
    expect(await ask(`/${link.order}/refunds`, { amount: 1_000 })).toMatchObject({ http: 409 });
    await until(async () => {
      const all = await storyOf(shop, link.order);
      return all.some(({ kind, text }) => kind === 'event' && text === 'refund.created') && all;
    }, 'the refund’s events');
    const story = await storyOf(shop, link.order);
    const attempt = story.filter(({ kind }) => kind === 'attempt');
    expect(attempt).toMatchObject([
      {
        text: 'A payment by visa ending in 0002 failed',
        detail: expect.stringMatching(/^The bank declined .*\(generic_decline\)$/),
        amount: { value: 350, currency: 'usd' },
      },
    ]);
    const kinds = story.filter(({ kind }) => kind !== 'event').map(({ kind, text }) => `${kind}: ${text}`);
    expect(kinds.map((each) => each.replace(/ by visa.*/, ''))).toEqual([
      'created: Ordered',
      'session: Sent to Stripe’s payment page',
      'attempt: A payment',
      'paid: Paid',
      'fulfilled: Fulfilled',
      'refund: Refunded',
      'action: Asked for a refund',
      'action: Asked for a refund',
    ]);
    expect(story.find(({ kind }) => kind === 'refund')?.detail).toBe('Reason: duplicate');
    const asked = story.filter(({ kind }) => kind === 'action');
    expect(asked.map(({ by, detail }) => [by, detail])).toEqual([
      ['API key', null],
      ['API key', 'Refused: refund_exceeds_payment'],
    ]);
    expect(story.filter(({ text }) => text === 'checkout.session.completed')).toHaveLength(1);
    expect(await ask('/ord_none/timeline')).toMatchObject({ http: 404, code: 'order_not_found' });
  });
});

it('a decline is told in words: the most telling code that is known, else what Stripe says', () => {
  expect(declineOf(['insufficient_funds', 'card_declined'], null).text).toContain('not enough money');
  expect(declineOf([null, 'brand_new', 'card_declined'], 'New.')).toMatchObject({ code: 'card_declined' });
  expect(declineOf(['brand_new'], 'New.')).toMatchObject({ code: 'brand_new', text: 'New.' });
  expect(declineOf([undefined], null).code).toBe('unknown');
});
