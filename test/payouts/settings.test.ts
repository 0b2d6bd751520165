import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import {
  knownSeller,
  readyExpressAccount,
  readySeller,
  runMarketplace,
  type Marketplace,
  type TestSeller,
} from '../support/marketplace.ts';
import { startStripeProxy } from '../support/stripe-proxy.ts';
import { ask } from './support.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

/** A shop that hears nothing from Stripe, so that what a test writes into a seller's row stays there. */
async function deafMarketplace(): Promise<Marketplace> {
  const shop = await runMarketplace({ url, sql: database.sql });
  shop.simulator.faults.add({ kind: 'drop' });
  return shop;
}

async function expressSeller(shop: Marketplace, reference: string): Promise<TestSeller> {
  const seller = await knownSeller(database.sql, { reference, account: await readyExpressAccount(shop) });
  await database.sql`update quittance.seller set api = 'v2', dashboard = 'express' where id = ${seller.id}`;
  return seller;
}

describe('the schedule', () => {
  it('of an account of /v2 is read and changed as Balance Settings, of an older one as its own', async () => {
    const shop = await deafMarketplace();
    const sellers = {
      balance_settings: await expressSeller(shop, 'new'),
      account: await readySeller(shop, 'old'),
    };
    for (const [source, seller] of Object.entries(sellers)) {
      const before = await ask(shop, 'GET', seller, 'schedule');
      const daily = {
        interval: 'daily',
        weekly_payout_days: [],
        monthly_payout_days: [],
        delay_days: 2,
        source,
      };
      expect(before).toMatchObject({ status: 200, body: daily });
      const put = async (body: unknown): Promise<unknown> => {
        const answer = await ask(shop, 'PUT', seller, 'schedule', { body });
        expect(answer.status).toBe(200);
        const read = await ask(shop, 'GET', seller, 'schedule');
        expect(answer.body).toEqual(read.body);
        return read.body;
      };
      const weekly = { interval: 'weekly', weekly_payout_days: ['monday', 'thursday'], delay_days: 5 };
      expect(await put(weekly)).toMatchObject({ ...weekly, source });
      const monthly = { interval: 'monthly', monthly_payout_days: [1, 31] };
      expect(await put(monthly)).toMatchObject({ ...monthly, delay_days: 5 });
      expect(await put({ interval: 'manual', delay_days: 'minimum' })).toMatchObject({
        interval: 'manual',
        delay_days: 2,
      });
      const atStripe = await shop.stripe.balanceSettings.retrieve({}, { stripeAccount: seller.account });
      expect(atStripe.payments.payouts?.schedule?.interval).toBe('manual');
    }
  });

  it('is looked for in the other place when Stripe has none in the first', async () => {
    const proxy = await startStripeProxy();
    const shop = await runMarketplace({ url, sql: database.sql }, { stripeApiBase: proxy.url });
    proxy.target = shop.simulator.url;
    const seller = await expressSeller(shop, 'moved');
    const nowhere = { times: 1, status: 404, error: { type: 'invalid_request_error' } };
    proxy.answer({ match: 'GET /v1/balance_settings', ...nowhere });
    expect((await ask(shop, 'GET', seller, 'schedule')).body).toMatchObject({ source: 'account' });
    expect((await ask(shop, 'GET', seller, 'schedule')).body).toMatchObject({ source: 'balance_settings' });
  });

  it('is refused in words when banks rest, days are missing or too many, or the seller decides', async () => {
    const shop = await deafMarketplace();
    const seller = await expressSeller(shop, 'strict');
    const weekly = { interval: 'weekly' };
    const refused: [string, unknown, string][] = [
      ['a Saturday', { ...weekly, weekly_payout_days: ['saturday'] }, 'weekly_payout_days'],
      ['no days', weekly, 'weekly_payout_days'],
      ['an empty list', { ...weekly, weekly_payout_days: [] }, 'weekly_payout_days'],
      ['a day twice', { ...weekly, weekly_payout_days: ['monday', 'monday'] }, 'weekly_payout_days'],
      ['days of nothing', { interval: 'daily', weekly_payout_days: ['monday'] }, 'weekly_payout_days'],
      ['the 32nd', { interval: 'monthly', monthly_payout_days: [32] }, 'monthly_payout_days'],
      ['no interval', { weekly_payout_days: ['monday'] }, 'interval'],
      ['hourly', { interval: 'hourly' }, 'interval'],
      ['a long delay', { interval: 'daily', delay_days: 32 }, 'delay_days'],
    ];
    for (const [what, body, field] of refused) {
      const answer = await ask(shop, 'PUT', seller, 'schedule', { body });
      expect([what, answer.status, answer.body.field]).toEqual([what, 400, field]);
    }
    const saturday = await ask(shop, 'PUT', seller, 'schedule', { body: refused[0]?.[1] });
    expect(saturday.body.detail).toContain('banks rest at the weekend');
    // What only Stripe knows it says itself.
    const soon = await ask(shop, 'PUT', seller, 'schedule', { body: { interval: 'daily', delay_days: 1 } });
    expect(soon).toMatchObject({ status: 422, body: { code: 'stripe_rejected' } });
    expect((await ask(shop, 'PUT', seller, 'schedule', { body: [] })).status).toBe(400);
    await database.sql`update quittance.seller set dashboard = 'full' where id = ${seller.id}`;
    const own = await ask(shop, 'PUT', seller, 'schedule', { body: { interval: 'daily' } });
    expect(own).toMatchObject({ status: 409, body: { code: 'managed_by_seller' } });
    expect((await ask(shop, 'GET', seller, 'schedule')).status).toBe(200);
  });
});

describe('a login link', () => {
  it('opens the Express Dashboard and is kept nowhere', async () => {
    const shop = await deafMarketplace();
    const seller = await expressSeller(shop, 'dora');
    const link = await ask(shop, 'POST', seller, 'login-link');
    expect(link.status).toBe(201);
    expect(link.headers.get('cache-control')).toBe('no-store');
    const address = link.body['url'] as string;
    expect(await (await fetch(address)).text()).toContain('Test dashboard');
    const secret = new URL(address).pathname.split('/').at(-1) ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(shop.log.text()).not.toContain(secret);
    const tables = await database.sql<{ name: string }>`
      select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('quittance', 'graphile_worker') and table_type = 'BASE TABLE'`;
    const holding: string[] = [];
    const findIn = async (text: string): Promise<void> => {
      for (const { name } of tables) {
        const { rows } = await database.pool.query(
          `select from ${name} t where strpos(t::text, $1) > 0 limit 1`,
          [text],
        );
        if (rows.length > 0) holding.push(name);
      }
    };
    await findIn(secret);
    expect(holding).toEqual([]);
    await findIn(seller.account); // a control: what is there is found
    expect(holding).toContain('quittance.seller');
  });

  it('is not to be had for another dashboard, or before onboarding is done', async () => {
    const shop = await deafMarketplace();
    const seller = await expressSeller(shop, 'emil');
    const { id: account } = await shop.stripe.accounts.create({
      controller: {
        fees: { payer: 'application' },
        losses: { payments: 'application' },
        stripe_dashboard: { type: 'express' },
      },
    });
    const early = await knownSeller(database.sql, { reference: 'early', account });
    expect(await ask(shop, 'POST', early, 'login-link')).toMatchObject({
      status: 409,
      body: { code: 'seller_not_ready' },
    });
    for (const [dashboard, words] of [
      ['full', 'https://dashboard.stripe.com'],
      ['none', 'the platform shows'],
    ]) {
      await database.sql`update quittance.seller set dashboard = ${dashboard} where id = ${seller.id}`;
      const answer = await ask(shop, 'POST', seller, 'login-link');
      expect(answer).toMatchObject({ status: 409, body: { code: 'no_express_dashboard' } });
      expect(answer.body.detail).toContain(words);
    }
  });
});
