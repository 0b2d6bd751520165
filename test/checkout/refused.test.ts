import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { linkFrom, visitSuccess } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { runQuittance } from '../support/quittance.ts';
import { runShop } from '../support/shop.ts';

const COFFEE = { id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' };

let place: { url: string; database: Database };

beforeAll(async () => {
  place = await freshDatabase();
});

const orders = async (): Promise<number> => (await place.database.sql`select from quittance.orders`).length;

describe('a shop without a Stripe key', () => {
  it('says so with a code, to programs and on its pages, and writes no order', async () => {
    const { url } = await runQuittance(place.url, { products: [COFFEE] });
    const answer = await fetch(`${url}/api/create-payment-link`, { method: 'POST', body: '{"id":"coffee"}' });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'stripe_not_configured' });
    const form = new URLSearchParams({ id: 'coffee', quantity: '1', 'idempotency-key': 'a-click' });
    const page = await fetch(`${url}/checkout`, { method: 'POST', body: form });
    expect(page.status).toBe(503);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await orders()).toBe(0);
  });
});

describe('POST /pay/:product', () => {
  it.each(['null', '5', '[]', '"x"', '{"id":"beans"}', '{"quantity":"1"}', '{"price":1}'])(
    'refuses %s, and writes no order',
    async (body) => {
      const shop = await runShop({ url: place.url, sql: place.database.sql });
      const before = await orders();
      const answer = await fetch(`${shop.url}/pay/coffee`, { method: 'POST', body });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
      expect(await orders()).toBe(before);
      // Control: what it takes.
      const good = await fetch(`${shop.url}/pay/coffee`, { method: 'POST', body: '{"quantity":1}' });
      expect(good.status).toBe(201);
    },
  );
});

describe('the success page', () => {
  it('of a session that nobody has paid promises no payment', async () => {
    const shop = await runShop({ url: place.url, sql: place.database.sql });
    const page = await (await visitSuccess(shop, await linkFrom(shop))).text();
    expect(page).toContain('data-standing="open"');
    expect(/<section data-shown="open"(?! hidden)/.test(page)).toBe(true);
    expect(/<section data-shown="processing"[^>]* hidden/.test(page)).toBe(true);
  });
});

describe('an address with a NUL', () => {
  it.each(['/api/events?type=%00', '/api/events/%00', '/api/orders/%00', '/%00'])(
    '%s is refused',
    async (at) => {
      const { api, log } = await runQuittance(place.url);
      const answer = await api(at);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
      expect(log.text()).not.toContain('request failed');
    },
  );
});
