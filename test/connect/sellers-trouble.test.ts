import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { readyExpressAccount, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { accountsOf, ANN, makings, take } from '../support/taken-sellers.ts';
import { stripeCalls } from '../support/stripe-log.ts';

const HOUR_MS = 60 * 60 * 1000;

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openMarket(options: Parameters<typeof runMarketplace>[1] = {}): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  return runMarketplace({ url, sql: database.sql }, options);
}

describe('when Stripe does not make the account', () => {
  it('a refusal is told in its words, and the same reference may be put right', async () => {
    const market = await openMarket();
    const refused = await take(market, { ...ANN, country: 'XX' });
    expect(refused).toMatchObject({ status: 422, code: 'stripe_rejected' });
    expect(refused.detail).toContain('Stripe refused');
    expect(await accountsOf(market)).toEqual([]);
    const mended = await take(market, ANN);
    expect(mended).toMatchObject({
      status: 200,
      seller: { country: 'US', status: 'not_started', reason: null },
    });
    expect(await accountsOf(market)).toEqual([mended.seller.account]);
    // Nothing of the person reached the log.
    expect(market.log.text()).not.toContain('ann@example.com');
  });

  it('a 5xx is tried again under a new key, after looking; the row stays', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'api_error', match: 'POST /v2/core/accounts', times: 2 });
    expect(await take(market, ANN)).toMatchObject({ status: 502, code: 'stripe_unavailable' });
    const again = await take(market, ANN);
    expect(again.status).toBe(200);
    const keys = (await makings(market)).map(({ idempotency_key: key }) => key?.at(-1));
    expect(keys).toEqual(['1', '1', '2']);
    expect(await stripeCalls(market.simulator, 'GET /v1/accounts')).not.toEqual([]);
    expect(await accountsOf(market)).toEqual([again.seller.account]);
  });

  it('an account whose answer was lost is the answer of the same key, and is read anew', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'reset_after', match: 'POST /v2/core/accounts', times: 2 });
    expect((await take(market, ANN)).status).toBe(502);
    const [lost] = await accountsOf(market);
    const again = await take(market, ANN);
    expect(again).toMatchObject({ status: 200, seller: { account: lost } });
    expect((await makings(market)).at(-1)?.replayed).toBe(true);
    expect(await stripeCalls(market.simulator, `GET /v2/core/accounts/${lost}`)).toHaveLength(1);
  });

  it('an account of either API is found again when its key may be forgotten', async () => {
    let now = Date.now();
    const market = await openMarket({ clock: { now: () => now } });
    for (const api of ['v1', 'v2']) {
      const path = `/${api === 'v1' ? 'v1' : 'v2/core'}/accounts`;
      const body = { ...ANN, reference: `of-${api}`, api };
      const before = await accountsOf(market);
      market.simulator.faults.add({ kind: 'reset_after', match: `POST ${path}`, times: 2 });
      expect((await take(market, body)).status).toBe(502);
      now += 24 * HOUR_MS;
      const [lost, ...more] = await accountsOf(market);
      expect(more).toEqual(before);
      const calls = (await makings(market, path)).length;
      expect(await take(market, body)).toMatchObject({ status: 200, seller: { api, account: lost } });
      expect(await makings(market, path)).toHaveLength(calls);
      expect(await accountsOf(market)).toEqual([lost, ...more]);
    }
  });
});

describe('an account that is connected already', () => {
  it('becomes the seller’s as it stands, and nobody else’s', async () => {
    const market = await openMarket();
    const account = await readyExpressAccount(market);
    const made = (await makings(market)).length;
    const adopted = await take(market, { reference: 'ann', account });
    expect(adopted).toMatchObject({ status: 201, seller: { account, status: 'ready', country: 'US' } });
    expect(await take(market, { reference: 'ann', account })).toMatchObject({ status: 200 });
    expect(await makings(market)).toHaveLength(made);
    const other = await take(market, { reference: 'bob', account });
    expect(other).toMatchObject({ status: 409, code: 'account_in_use', field: 'account' });
    const strange = await take(market, { reference: 'bob', account: 'acct_1Nobodys' });
    expect(strange).toMatchObject({ status: 422, code: 'account_not_found', field: 'account' });
    const ourselves = await take(market, { reference: 'bob', account: market.simulator.account });
    expect(ourselves).toMatchObject({ status: 422, code: 'account_not_found' });
    expect(await database.sql`select reference from quittance.seller`).toEqual([{ reference: 'ann' }]);
  });
});

describe('what is asked for wrongly', () => {
  it('is refused by the field, and nothing is called at Stripe', async () => {
    const market = await openMarket();
    const cases: [field: string, body: unknown][] = [
      ['reference', { country: 'US' }],
      ['reference', { reference: 'has space', country: 'US' }],
      ['reference', { reference: 'x'.repeat(201), country: 'US' }],
      ['reference', { reference: '\u0000', country: 'US' }],
      ['country', { reference: 'a' }],
      ['country', { reference: 'a', country: 'us' }],
      ['country', { reference: 'a', country: ['US'] }],
      ['email', { reference: 'a', country: 'US', email: 'no address' }],
      ['mode', { reference: 'a', country: 'US', mode: 'post' }],
      ['preset', { reference: 'a', country: 'US', preset: 'custom' }],
      ['business_type', { reference: 'a', country: 'US', business_type: 'sole' }],
      ['account', { reference: 'a', account: 'cus_1' }],
      ['account', { reference: 'a', account: 'acct_1', mode: 'oauth' }],
      ['company', { reference: 'a', country: 'US', business_type: 'individual', company: {} }],
      ['company', { reference: 'a', country: 'US', individual: {}, company: {} }],
      ['individual', { reference: 'a', country: 'US', business_type: 'company', individual: {} }],
      ['individual.ssn_last_4', { reference: 'a', country: 'US', individual: { ssn_last_4: '0000' } }],
      [
        'individual.dob.day',
        { reference: 'a', country: 'US', individual: { dob: { day: 32, month: 1, year: 1980 } } },
      ],
      ['name', { reference: 'a', country: 'US', name: 'a\u0000b' }],
      ['company.name', { reference: 'a', country: 'US', company: { name: '\ud800' } }],
      ['url', { reference: 'a', country: 'US', url: 'javascript:alert(1)' }],
      ['__proto__x', { reference: 'a', country: 'US', __proto__x: 1 }],
    ];
    for (const [field, body] of cases) {
      const { status, code, field: named } = await take(market, body);
      expect([field, status, code, named]).toEqual([field, 400, 'invalid_request', field]);
    }
    for (const body of ['{', 'null', '[]', '"acct_1"', '']) {
      const answer = await market.api('/api/connect/sellers', { method: 'POST', body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    const large = await market.api('/api/connect/sellers', { method: 'POST', body: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
    expect(await makings(market)).toEqual([]);
    expect(await database.sql`select from quittance.seller`).toEqual([]);
  });

  it('is for the platform’s own server only', async () => {
    const market = await openMarket();
    const { seller } = await take(market, ANN);
    const places = [
      'GET ',
      'POST ',
      `GET /${seller.id}`,
      `POST /${seller.id}/refresh`,
      `POST /${seller.id}/link`,
    ];
    for (const place of places) {
      const [method, path] = place.split(' ');
      const answer = await fetch(`${market.url}/api/connect/sellers${path}`, { method });
      expect([place, answer.status]).toEqual([place, 401]);
    }
    const closed = await openMarket({ apiKey: undefined });
    expect((await fetch(`${closed.url}/api/connect/sellers`)).status).toBe(503);
  });

  it('without a Stripe key is told so', async () => {
    const market = await openMarket({ stripeSecretKey: undefined, stripePublishableKey: undefined });
    expect(await take(market, ANN)).toMatchObject({ status: 503, code: 'stripe_not_configured' });
  });
});
