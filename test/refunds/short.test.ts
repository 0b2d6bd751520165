import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { intentOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { paidOrder, runDisputedPlatform, totalOf, type DisputedPlatform } from '../support/dispute.ts';
import { balanceOf, fundPlatform, fundSeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { askRefund, movedFor, refundIn, refundsAtStripe, sweepNow } from '../support/refund.ts';

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

const cabin = { items: [{ id: 'cabin' }] };
const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

/** Pays out everything that an account can spend. */
async function emptyPurse(shop: DisputedPlatform, account?: string): Promise<void> {
  const [amount = 0] = (await balanceOf(shop, account)).usd ?? [];
  const options = account ? { stripeAccount: account } : undefined;
  await shop.stripe.payouts.create({ amount, currency: 'usd' }, options);
}

describe('a platform without the money', () => {
  it('waits for the platform’s balance', async () => {
    const shop = await runDisputedPlatform(place);
    // More than Stripe's fees, which it lets an account owe.
    const order = await paidOrder(shop, { items: [{ id: 'room', quantity: 10 }] });
    await shop.orderIn(order.order, 'fulfilled');
    await emptyPurse(shop);
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'pending' });
    await fundPlatform(shop, 100_000);
    await refundIn(shop, order, 'succeeded');
  });
});

describe('a seller without the money', () => {
  it('of a destination charge: no refund and a precise answer, or the platform pays alone', async () => {
    const shop = await runDisputedPlatform(place);
    const order = await paidOrder(shop, cabin);
    await shop.orderIn(order.order, 'fulfilled');
    await emptyPurse(shop, shop.ann.account);
    const refused = await askRefund(shop, order);
    expect(refused).toMatchObject({ http: 409, code: 'insufficient_balance' });
    expect(refused.detail).toContain('"reverse_transfer": false');
    expect(await refundsAtStripe(shop, order)).toEqual([]);
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'fulfilled', refunded: 0 });
    expect(await askRefund(shop, order, { reverse_transfer: false })).toMatchObject({ http: 201 });
    expect((await intentOf(shop, await wholeOrderOf(shop, order))).latest_charge.refunded).toBe(true);
  });

  it('of a cart: the buyer has the refund at once, the seller’s part is taken when it is there', async () => {
    const shop = await runDisputedPlatform(place);
    const order = await paidOrder(shop, cart);
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    await emptyPurse(shop, shop.ann.account);
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'succeeded' });
    const waiting = await until(async () => {
      const all = await movementsOf(place.sql, order.order);
      return all.find(({ error_code }) => error_code === 'balance_insufficient');
    }, 'the reversal that waits');
    expect(waiting).toMatchObject({
      status: 'planned',
      purpose: 'refund_reversal',
      attempt: 2,
      tried_at: null,
    });
    await fundSeller(shop, shop.ann, 9_000);
    await sweepNow(place, waiting);
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
  });
});
