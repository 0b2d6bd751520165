import { beforeAll, describe, expect, it } from 'vitest';
import type { Seller } from '../../src/connect/seller.ts';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { accountsOf, ANN, makings, take } from '../support/taken-sellers.ts';

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openMarket(options: Parameters<typeof runMarketplace>[1] = {}): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  return runMarketplace({ url, sql: database.sql }, options);
}

describe('taking a seller on', () => {
  it('makes a marketplace account filled in with what is known, and a link to begin', async () => {
    const market = await openMarket();
    const begun = Date.now();
    const { status, seller, url: link, expires_at: expires } = await take(market, ANN);
    expect(status).toBe(201);
    expect(seller).toMatchObject({
      id: expect.stringMatching(/^sel_\w{22}$/),
      reference: 'owner-17',
      status: 'not_started',
      mode: 'account_link',
      preset: 'marketplace',
      api: 'v2',
      account: expect.stringMatching(/^acct_/),
      name: 'Ann Lee',
      email: 'ann@example.com',
      country: 'US',
      business_type: 'individual',
      dashboard: 'express',
      livemode: false,
    });
    expect(seller.requirements.length).toBeGreaterThan(3);
    expect(link).toMatch(new RegExp(`^${market.url}/connect/onboard/${seller.id}\\?token=`));
    expect(Date.parse(expires ?? '') - begun).toBeGreaterThan(59 * 60 * 1000);
    const [call, ...more] = await makings(market);
    expect(more).toEqual([]);
    expect(call?.idempotency_key).toBe(`quittance_seller_${seller.id}_1`);
    expect(call?.params).toMatchObject({
      dashboard: 'express',
      defaults: { responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
      configuration: {
        recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
      },
      identity: {
        country: 'us',
        entity_type: 'individual',
        individual: { given_name: 'Ann', surname: 'Lee', date_of_birth: { day: 2, month: 3, year: 1980 } },
      },
      metadata: { quittance_seller: seller.id },
    });
    expect(call?.params.configuration).not.toHaveProperty('merchant');
    // What we know of a person goes when Stripe knows it; the link never was anywhere but in the answer.
    const rows = await database.sql<{ text: string }>`
      select to_jsonb(s)::text as text from quittance.seller s where create_params is null`;
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toMatch(/1980|token|onboard/);
    const known = await database.sql`
      select from quittance.known_account where account = ${seller.account} and not livemode`;
    expect(known).toHaveLength(1);
  });

  it('makes what the options say, or the request: /v1, or a full dashboard', async () => {
    const market = await openMarket({ connect: { api: 'v1' } });
    const company = { name: 'Bob’s Boats', address: { city: 'Columbus', country: 'US' } };
    const { seller } = await take(market, { reference: 'bob', country: 'US', company });
    const controller = { stripe_dashboard: { type: 'express' }, requirement_collection: 'stripe' };
    expect(await market.stripe.accounts.retrieve(seller.account ?? '')).toMatchObject({
      controller: { ...controller, fees: { payer: 'application' }, losses: { payments: 'application' } },
      business_type: 'company',
      company: { name: 'Bob’s Boats' },
      capabilities: { transfers: 'inactive' },
    });
    const full = await take(market, { reference: 'cy', country: 'DE', preset: 'full_dashboard', api: 'v2' });
    expect(full.seller).toMatchObject({ preset: 'full_dashboard', api: 'v2', dashboard: 'full' });
    const [call] = await makings(market);
    expect(call?.params).toMatchObject({
      dashboard: 'full',
      defaults: { responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' } },
      configuration: { merchant: { capabilities: { card_payments: { requested: true } } } },
    });
    const old = await take(market, { reference: 'di', country: 'US', preset: 'full_dashboard' });
    expect((await market.stripe.accounts.retrieve(old.seller.account ?? '')).controller).toMatchObject({
      stripe_dashboard: { type: 'full' },
      fees: { payer: 'account' },
    });
  });

  it('by OAuth makes no account, and needs a client id', async () => {
    const market = await openMarket();
    const oauth = await take(market, { reference: 'olga', mode: 'oauth' });
    expect(oauth).toMatchObject({ status: 201, seller: { mode: 'oauth', account: null, api: 'v1' } });
    expect(oauth.url).toContain(`/connect/oauth/authorize?seller=${oauth.seller.id}&token=`);
    expect(await makings(market)).toEqual([]);
    const off = await openMarket({ stripeConnectClientId: undefined });
    const refused = await take(off, { reference: 'olga', mode: 'oauth' });
    expect(refused).toMatchObject({ status: 409, code: 'oauth_not_configured', field: 'mode' });
    expect(await database.sql`select from quittance.seller`).toEqual([]);
  });
});

describe('the same reference again', () => {
  it('is the same seller, whatever is left out; with something else in it, it is refused', async () => {
    const market = await openMarket();
    const first = await take(market, ANN);
    const turned = { individual: { ...ANN.individual }, country: 'US', reference: ANN.reference };
    const explicit = {
      reference: ANN.reference,
      mode: 'account_link',
      api: 'v2',
      business_type: 'individual',
    };
    for (const body of [ANN, turned, explicit, { reference: ANN.reference }]) {
      const again = await take(market, body);
      expect(again).toMatchObject({
        status: 200,
        seller: { id: first.seller.id, account: first.seller.account },
      });
      expect(again.url).toContain(first.seller.id);
    }
    const wrong = {
      email: 'eve@example.com',
      country: 'CA',
      mode: 'oauth',
      preset: 'full_dashboard',
      individual: { first_name: 'Eve' },
      business_type: 'company',
      account: 'acct_1Other',
    };
    for (const [field, value] of Object.entries(wrong)) {
      const answer = await take(market, { reference: ANN.reference, [field]: value });
      expect(answer).toMatchObject({ status: 409, code: 'seller_reference_used', field });
    }
    expect(await makings(market)).toHaveLength(1);
    expect(await accountsOf(market)).toHaveLength(1);
  });

  it('twenty times at once: one seller, one account', async () => {
    const market = await openMarket();
    const answers = await Promise.all(Array.from({ length: 20 }, () => take(market, ANN)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ seller }) => seller.account)).size).toBe(1);
    expect(await accountsOf(market)).toHaveLength(1);
  });
});

describe('sellers', () => {
  it('are listed page by page, by status and by reference, and read one by one', async () => {
    const market = await openMarket();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { seller } = await take(market, { reference: name, mode: 'oauth' });
      ids.push(seller.id);
    }
    interface List {
      data: Seller[];
      next: string | null;
    }
    const list = async (query: string): Promise<List> =>
      (await (await market.api(`/api/connect/sellers?${query}`)).json()) as List;
    const first = await list('limit=2');
    const second = await list(`limit=2&after=${first.next}`);
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids.toSorted());
    expect(second.next).toBeNull();
    expect((await list('reference=b')).data.map(({ reference }) => reference)).toEqual(['b']);
    expect((await list('status=ready')).data).toEqual([]);
    expect((await list('status=not_started')).data).toHaveLength(3);
    for (const query of ['limit=0', 'limit=1001', 'status=fine', 'order=asc']) {
      expect((await market.api(`/api/connect/sellers?${query}`)).status).toBe(400);
    }
    const one = await market.api(`/api/connect/sellers/${ids[0]}`);
    expect((await one.json()) as Seller).toMatchObject({ id: ids[0] });
    expect(one.headers.get('cache-control')).toBe('no-store');
    const none = await take(market, {}, '/api/connect/sellers/sel_none/refresh');
    expect(none).toMatchObject({ status: 404, code: 'seller_not_found' });
    // Those of the other mode do not exist, until that mode is asked for.
    await database.sql`
      update quittance.seller set livemode = true, name = '=Bea', email = 'Bea@example.com'
      where reference = 'b'`;
    expect((await market.api(`/api/connect/sellers/${ids[1]}`)).status).toBe(404);
    expect((await market.api(`/api/connect/sellers/${ids[1]}?livemode=true`)).status).toBe(200);
    expect((await list('limit=10')).data).toHaveLength(2);
    for (const search of ['bea@EXAMPLE', '=bea', ids[1]?.slice(0, -1)]) {
      const found = await list(`livemode=true&search=${search}`);
      expect([search, found.data.map(({ id }) => id)]).toEqual([search, [ids[1]]]);
    }
    expect((await list('livemode=true&search=100%25')).data).toEqual([]);
    const csv = await market.api('/api/exports/sellers?livemode=true');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await csv.text()).split('\r\n');
    expect(lines[0]).toMatch(/^id,reference,livemode,status,/);
    expect(lines.slice(1)).toEqual([expect.stringContaining(",'=Bea,Bea@example.com,"), '']);
  });

  it('get a new link whenever they need one, and the account that a crash kept from them', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'reset_before', match: 'POST /v2/core/accounts', times: 2 });
    expect((await take(market, ANN)).status).toBe(502);
    const [row] = await database.sql<{ id: string }>`select id from quittance.seller`;
    const link = await take(market, {}, `/api/connect/sellers/${row?.id}/link`);
    expect(link).toMatchObject({ status: 201, url: expect.stringContaining(`/connect/onboard/${row?.id}`) });
    expect(await accountsOf(market)).toHaveLength(1);
  });
});
