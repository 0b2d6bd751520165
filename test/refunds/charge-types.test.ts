import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { paidOrder, runDisputedPlatform, totalOf, type DisputedPlatform } from '../support/dispute.ts';
import { expectToAddUp } from '../support/marketplace.ts';
import { askRefund, movedFor, refundsAtStripe, refundsOf } from '../support/refund.ts';

let place: { url: string; sql: Database['sql'] };
let shop: DisputedPlatform;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
  shop = await runDisputedPlatform(place);
});

/** Ann, Bob and the platform, in one currency. */
async function purses(shop: DisputedPlatform, currency = 'usd'): Promise<number[]> {
  const accounts = [shop.ann.account, shop.bob.account, undefined];
  return Promise.all(accounts.map((account) => totalOf(shop, account, currency)));
}

function less(after: number[], before: number[]): number[] {
  return after.map((value, at) => value - (before[at] ?? 0));
}

describe('what a refund costs whom', () => {
  it('a sale of the platform’s own: the platform, in parts and then the rest', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'coffee', quantity: 2 }] });
    await shop.orderIn(order.order, 'fulfilled');
    const before = await purses(shop);
    const part = await askRefund(shop, order, { amount: 150, reason: 'requested_by_customer' });
    expect(part).toMatchObject({
      http: 201,
      status: 'succeeded',
      amount: { value: 150, currency: 'usd' },
      reason: 'requested_by_customer',
      reverse_transfer: false,
      refund_application_fee: false,
      source: 'api',
    });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'fulfilled', refunded: 150 });
    const rest = await askRefund(shop, order);
    expect(rest).toMatchObject({ http: 201, amount: { value: 550 } });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 700 });
    expect(less(await purses(shop), before)).toEqual([0, 0, -700]);
    const atStripe = await refundsAtStripe(shop, order);
    expect(atStripe.map(({ id, amount }) => [id, amount])).toEqual([
      [part.stripe_refund, 150],
      [rest.stripe_refund, 550],
    ]);
    expect((await refundsOf(shop, order)).map(({ id }) => id)).toEqual([part.id, rest.id]);
  });

  it('a destination charge: seller and platform what each had of it; or the platform alone', async () => {
    const start = await purses(shop);
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }] });
    await shop.orderIn(order.order, 'fulfilled');
    const before = await purses(shop);
    expect(less(before, start)).toEqual([9_000, 0, 1_000 - 320]);
    const half = await askRefund(shop, order, { amount: 5_000 });
    expect(half).toMatchObject({ http: 201, reverse_transfer: true, refund_application_fee: true });
    expect(less(await purses(shop), before)).toEqual([-4_500, 0, -500]);
    const alone = await askRefund(shop, order, { amount: 1_000, reverse_transfer: false });
    expect(alone).toMatchObject({ http: 201, reverse_transfer: false, refund_application_fee: false });
    expect(less(await purses(shop), before)).toEqual([-4_500, 0, -1_500]);
    const [share] =
      await place.sql`select reversed from quittance.order_share where order_id = ${order.order}`;
    expect(share).toEqual({ reversed: 5_000 });
    await expectToAddUp(shop);
    await expectToAddUp(shop, shop.ann.account);
  });

  it('a direct charge: the seller, on whose account it is, and the platform its fee', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'tent' }] });
    await shop.orderIn(order.order, 'fulfilled');
    const before = await purses(shop);
    const refund = await askRefund(shop, order);
    expect(refund).toMatchObject({
      http: 201,
      status: 'succeeded',
      stripe_account: shop.bob.account,
      reverse_transfer: false,
      refund_application_fee: true,
    });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 2_000 });
    expect(less(await purses(shop), before)).toEqual([0, -1_850, -150]);
    expect(await refundsAtStripe(shop, order)).toMatchObject([{ id: refund.stripe_refund, amount: 2_000 }]);
  });

  it('a cart of several sellers: each their part, to the unit when all is given back', async () => {
    const start = await purses(shop);
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }, { id: 'boat' }, { id: 'coffee' }] });
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const before = await purses(shop);
    // 15355 paid; 1000 and 155 are fees; Stripe keeps 2.9 % and 30.
    expect(less(before, start)).toEqual([9_000, 4_850, 15_355 - 9_000 - 4_850 - 475]);
    const amounts = [3_333, 3_334, 3_335, 5_353];
    for (const [at, amount] of amounts.entries()) {
      expect(await askRefund(shop, order, { amount })).toMatchObject({ http: 201, reverse_transfer: true });
      await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 * (at + 1) });
      const gone = amounts.slice(0, at + 1).reduce((sum, value) => sum + value, 0);
      const parts = [9_000, 4_850].map((theirs) => Math.round((theirs * gone) / 15_355));
      const [ann = 0, bob = 0] = parts;
      expect(less(await purses(shop), before)).toEqual([-ann, -bob, ann + bob - gone]);
    }
    expect(less(await purses(shop), start)).toEqual([0, 0, -475]);
    expect(await askRefund(shop, order)).toMatchObject({ http: 409, code: 'already_refunded' });
    const shares = await place.sql<{ reversed: number }>`
      select reversed from quittance.order_share where order_id = ${order.order}`;
    expect(shares.map(({ reversed }) => reversed).toSorted((a, b) => a - b)).toEqual([4_850, 9_000]);
    await expectToAddUp(shop);
  });

  it('a cart, when the platform wants to pay alone: the platform', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const before = await purses(shop);
    expect(await askRefund(shop, order, { amount: 500, reverse_transfer: false })).toMatchObject({
      http: 201,
    });
    expect(less(await purses(shop), before)).toEqual([0, 0, -500]);
    await askRefund(shop, order, { amount: 1_500 });
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    const [ann, bob] = [Math.round((9_000 * 1_500) / 15_005), Math.round((4_850 * 1_500) / 15_005)];
    expect(less(await purses(shop), before)).toEqual([-ann, -bob, -2_000 + ann + bob]);
  });

  it('in a currency without a minor unit', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'bath', quantity: 3 }] });
    await shop.orderIn(order.order, 'fulfilled');
    const before = await purses(shop, 'jpy');
    expect(await askRefund(shop, order, { amount: 998 })).toMatchObject({
      http: 201,
      amount: { value: 998, currency: 'jpy' },
    });
    expect(await askRefund(shop, order, { amount: 2 })).toMatchObject({
      code: 'refund_exceeds_payment',
      left: { value: 1, currency: 'jpy' },
      detail: 'Only ¥1 of the payment is left to give back.',
    });
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, amount: { value: 1 } });
    expect(less(await purses(shop, 'jpy'), before)).toEqual([-994, 0, -5]);
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 999 });
  });
});
