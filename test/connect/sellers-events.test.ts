import { beforeAll, describe, expect, it } from 'vitest';
import type { OnSellerChange, SellerStatus } from '../../src/connect/seller.ts';
import type { Database } from '../../src/db/database.ts';
import { CATALOGUE, orderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { CONNECT_CLIENT_ID, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { becomes, onboard, readsOf, sellerOf, taken, worked } from '../support/taken-sellers.ts';
import { control } from '../simulator/support/simulator.ts';

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openMarket(options: Parameters<typeof runMarketplace>[1] = {}): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  return runMarketplace({ url, sql: database.sql }, { products: CATALOGUE, ...options });
}

describe('an account of /v2', () => {
  it('is followed by thin events: begun, under way, ready, and what is asked of it later', async () => {
    const changes: [string, SellerStatus, SellerStatus][] = [];
    const onSellerChange: OnSellerChange = ({ reference }, { previous, status, idempotencyKey }) => {
      expect(idempotencyKey).toMatch(/^job_/);
      changes.push([reference, previous, status]);
    };
    const market = await openMarket({ onSellerChange });
    const seller = await taken(market, { reference: 'ann', country: 'US', business_type: 'individual' });
    expect(seller.status).toBe('not_started');
    // Somebody answers one question and leaves.
    await market.stripe.v2.core.accounts.update(seller.account ?? '', { contact_email: 'ann@example.com' });
    await worked(market);
    expect(await sellerOf(market, seller)).toMatchObject({ status: 'not_started', email: 'ann@example.com' });
    await market.stripe.v2.core.accounts.update(seller.account ?? '', {
      identity: { individual: { given_name: 'Ann' } },
    });
    const begun = await becomes(market, seller, 'incomplete');
    expect(begun.requirements.map(({ due }) => due)).toContain('past');
    await onboard(market, seller);
    const ready = await becomes(market, seller, 'ready');
    expect(ready).toMatchObject({ payouts_enabled: true, details_submitted: true, reason: null });
    await control(market.simulator, 'POST', `accounts/${seller.account}/restrict`, { what: 'requirements' });
    const asked = await until(async () => {
      const now = await sellerOf(market, seller);
      return now.requirements.some(({ due, by }) => due === 'now' && by !== null) && now;
    }, 'a deadline');
    expect(asked.status).toBe('ready');
    await until(async () => changes.length >= 2, 'two changes told');
    expect(changes).toEqual([
      ['ann', 'not_started', 'incomplete'],
      ['ann', 'incomplete', 'ready'],
    ]);
  });

  it('that was read after an event had arrived is not read again for it', async () => {
    const market = await openMarket();
    const seller = await taken(market, { reference: 'ann', country: 'US', business_type: 'individual' });
    await worked(market);
    const before = await readsOf(market, '/v2/core/accounts/');
    await onboard(market, seller);
    await becomes(market, seller, 'ready');
    await worked(market);
    const told = await database.sql`
      select from quittance.event where type like 'v2.core.account[%' or account = ${seller.account}`;
    const reads = (await readsOf(market, '/v2/core/accounts/')) - before;
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(told.length);
  });

  it('that is closed is disconnected, and still told of', async () => {
    const market = await openMarket();
    const seller = await taken(market, { reference: 'ann', country: 'US' });
    await market.stripe.v2.core.accounts.close(seller.account ?? '', {
      applied_configurations: ['recipient'],
    });
    const gone = await becomes(market, seller, 'disconnected');
    expect(gone.reason).toBe('account_closed');
    expect(gone.disconnected_at).not.toBeNull();
    const known = await database.sql`
      select from quittance.known_account where account = ${seller.account}`;
    expect(known).toHaveLength(1);
    const link = await market.api(`/api/connect/sellers/${seller.id}/link`, { method: 'POST' });
    expect(link.status).toBe(409);
    const again = await market.api('/api/connect/sellers', {
      method: 'POST',
      body: JSON.stringify({ reference: 'ann' }),
    });
    expect(await again.json()).toMatchObject({ url: null, seller: { status: 'disconnected' } });
  });
});

describe('an account of /v1', () => {
  it('is followed by its own events at the Connect endpoint', async () => {
    const market = await openMarket({ connect: { api: 'v1' } });
    const seller = await taken(market, { reference: 'bob', country: 'US', business_type: 'individual' });
    await onboard(market, seller);
    await becomes(market, seller, 'ready');
    const types = await database.sql<{ type: string }>`
      select distinct type from quittance.event where account = ${seller.account}`;
    expect(types.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['account.updated', 'capability.updated', 'person.created']),
    );
    await market.stripe.accounts.reject(seller.account ?? '', { reason: 'terms_of_service' });
    const rejected = await becomes(market, seller, 'restricted');
    expect(rejected.reason).toBe('rejected.platform_terms_of_service');
  });

  it('that its owner took away is disconnected, and its open payment links are closed', async () => {
    const market = await openMarket();
    const account = (
      await market.stripe.accounts.create({ type: 'standard', country: 'US', business_type: 'individual' })
    ).id;
    await control(market.simulator, 'POST', `accounts/${account}/onboard`, {});
    const seller = await taken(market, { reference: 'ann', account });
    const bob = await taken(market, { reference: 'bob', country: 'US', business_type: 'individual' });
    await onboard(market, bob);
    await becomes(market, bob, 'ready');
    expect(seller.status).toBe('ready');
    const hers = await orderOf(market, { items: [{ id: 'cabin' }] });
    const both = await orderOf(market, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    const his = await orderOf(market, { items: [{ id: 'boat' }] });
    await market.stripe.oauth.deauthorize({ client_id: CONNECT_CLIENT_ID, stripe_user_id: account });
    const gone = await becomes(market, seller, 'disconnected');
    expect(gone).toMatchObject({ reason: 'no_access', account, payouts_enabled: false });
    for (const { order } of [hers, both]) await market.orderIn(order, 'expired');
    expect(await market.order(his.order)).toMatchObject({ status: 'pending' });
    const sessions = await Promise.all(
      [hers, both, his].map(({ session }) => market.stripe.checkout.sessions.retrieve(session)),
    );
    expect(sessions.map(({ status }) => status)).toEqual(['expired', 'expired', 'open']);
    const known = await database.sql<{ account: string }>`select account from quittance.known_account`;
    expect(known.map((row) => row.account)).not.toContain(account);
    expect(known.map((row) => row.account)).toContain(bob.account);
  });
});
