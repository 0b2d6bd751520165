import { beforeAll, describe, expect, it } from 'vitest';
import type { Seller } from '../../src/connect/seller.ts';
import type { Database } from '../../src/db/database.ts';
import { CONNECT_ENDPOINT } from '../../src/inbox/known-accounts.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf } from '../support/effects.ts';
import { makeEvent, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { CONNECT_SECRET, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { becomes, onboard, readsOf, sellerOf, taken, worked } from '../support/taken-sellers.ts';

const OWN_ENDPOINT = '/api/webhook';

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openMarket(options: Parameters<typeof runMarketplace>[1] = {}): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  return runMarketplace({ url, sql: database.sql }, options);
}

describe('what an event says of a seller', () => {
  it('is a hint, in whichever form and at whichever address it comes: the account is read', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'drop' });
    const seller = await taken(market, { reference: 'ann', country: 'US', business_type: 'individual' });
    const account = seller.account ?? '';
    const own = (type: string, id: string, path = `accounts/${account}`): Told => ({
      type,
      data: undefined,
      object: 'v2.core.event',
      created: new Date().toISOString(),
      related_object: { id, type: 'v2.core.account', url: `/v2/core/${path}` },
    });
    const person = `accounts/${account}/persons/person_1`;
    const deauthorized = 'account.application.deauthorized';
    const cases: [endpoint: string, event: Told][] = [
      [CONNECT_ENDPOINT, { type: 'account.updated', account, data: { object: { id: account } } }],
      [
        CONNECT_ENDPOINT,
        { type: 'capability.updated', account, data: { object: { id: 'transfers', account } } },
      ],
      [CONNECT_ENDPOINT, { type: 'person.updated', account, data: { object: { id: 'person_1', account } } }],
      [
        CONNECT_ENDPOINT,
        { type: 'account.external_account.updated', account, data: { object: { id: 'ba_1' } } },
      ],
      // It says that we lost an account which we still have.
      [CONNECT_ENDPOINT, { type: deauthorized, account, data: { object: { id: 'ca_1' } } }],
      [OWN_ENDPOINT, { type: 'account.updated', data: { object: { id: account } } }],
      [OWN_ENDPOINT, own('v2.core.account[requirements].updated', account)],
      [OWN_ENDPOINT, own('v2.core.account_person.updated', 'person_1', person)],
      [CONNECT_ENDPOINT, { ...own('v2.core.account.updated', account), context: `acct_1Us/${account}` }],
      [CONNECT_ENDPOINT, { ...own('v1.capability.updated', 'transfers'), context: account }],
    ];
    for (const [endpoint, event] of cases) {
      const before = await readsOf(market, `/v2/core/accounts/${account}`);
      await tell(market, endpoint, event);
      await worked(market);
      const reads = (await readsOf(market, `/v2/core/accounts/${account}`)) - before;
      expect([event.type, endpoint, reads]).toEqual([event.type, endpoint, 1]);
    }
    expect((await sellerOf(market, seller)).status).toBe('not_started');
    // Control: of an account that is no seller's nothing is read.
    const all = await readsOf(market, '/v2/core/accounts/');
    await tell(
      market,
      OWN_ENDPOINT,
      own('v2.core.account.updated', 'acct_1Nobodys', 'accounts/acct_1Nobodys'),
    );
    await worked(market);
    expect(await readsOf(market, '/v2/core/accounts/')).toBe(all);
  });

  it('may not name it: who came back from Stripe’s pages is asked of the event', async () => {
    const market = await openMarket();
    const seller = await taken(market, { reference: 'ann', country: 'US', business_type: 'individual' });
    const link = await market.stripe.v2.core.accountLinks.create({
      account: seller.account ?? '',
      use_case: {
        type: 'account_onboarding',
        account_onboarding: { refresh_url: 'http://shop.test/again', return_url: 'http://shop.test/back' },
      },
    });
    const visit = (await fetch(link.url, { redirect: 'manual' })).headers.get('location') ?? '';
    for (const [name, value] of [
      ['code', '000000'],
      ['step', 'review'],
    ]) {
      const body = new URLSearchParams([[String(name), String(value)]]);
      await fetch(`${market.simulator.url}${visit}`, { method: 'POST', body, redirect: 'manual' });
    }
    const returned = 'v2.core.account_link.returned';
    await until(async () => {
      const rows = await database.sql`select from quittance.event where type = ${returned}`;
      return rows.length > 0;
    }, returned);
    await worked(market);
    const [event] = await database.sql<{ id: string }>`
      select id from quittance.event where type = ${returned}`;
    expect(await detailOf(database, event as { id: string })).toMatchObject({ status: 'done', failures: [] });
  });
});

interface Told {
  type: string;
  [field: string]: unknown;
}

async function tell(market: Marketplace, endpoint: string, event: Told): Promise<void> {
  const body = JSON.stringify(makeEvent(event));
  const secret = endpoint === CONNECT_ENDPOINT ? CONNECT_SECRET : WEBHOOK_SECRET;
  const headers = { 'stripe-signature': sign(body, secret) };
  const answer = await fetch(`${market.url}${endpoint}`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
}

describe('sellers nobody told of', () => {
  it('are read on a timetable, those that were not asked about for the longest time first', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'drop' });
    const seller = await taken(market, { reference: 'ann', country: 'US', business_type: 'individual' });
    const fresh = await taken(market, { reference: 'bob', country: 'US', business_type: 'individual' });
    for (const one of [seller, fresh]) await onboard(market, one);
    const poll = (): Promise<unknown> =>
      database.sql`select graphile_worker.add_job('quittance.poll_sellers')`;
    await database.sql`
      update quittance.seller set checked_at = now() - interval '16 minutes' where reference = 'ann'`;
    await poll();
    await becomes(market, seller, 'ready');
    // Control: the other was not due, and is asked about when somebody wants it.
    expect((await sellerOf(market, fresh)).status).toBe('not_started');
    const answer = await market.api(`/api/connect/sellers/${fresh.id}/refresh`, { method: 'POST' });
    expect((await answer.json()) as Seller).toMatchObject({ status: 'ready' });
    await database.sql`
      update quittance.seller set checked_at = now() - interval '23 hours' where reference = 'ann'`;
    const [before] = await database.sql`select checked_at from quittance.seller where reference = 'ann'`;
    await poll();
    await market.stripe.v2.core.accounts.close(fresh.account ?? '');
    await database.sql`
      update quittance.seller set checked_at = now() - interval '25 hours' where reference = 'bob'`;
    await poll();
    await becomes(market, fresh, 'disconnected');
    expect(await database.sql`select checked_at from quittance.seller where reference = 'ann'`).toEqual([
      before,
    ]);
  });

  it('get the account that was being made when everything stopped', async () => {
    const market = await openMarket();
    market.simulator.faults.add({ kind: 'reset_after', match: 'POST /v2/core/accounts', times: 2 });
    const body = JSON.stringify({ reference: 'ann', country: 'US' });
    expect((await market.api('/api/connect/sellers', { method: 'POST', body })).status).toBe(502);
    await database.sql`update quittance.seller set create_tried_at = now() - interval '6 minutes'`;
    await database.sql`select graphile_worker.add_job('quittance.poll_sellers')`;
    const rows = await until(async () => {
      const found = await database.sql<{ account: string }>`
        select account from quittance.seller where account is not null`;
      return found.length > 0 && found;
    }, 'the account');
    const accounts = (await market.stripe.accounts.list()).data.map(({ id }) => id);
    expect(accounts).toEqual(rows.map(({ account }) => account));
  });
});
