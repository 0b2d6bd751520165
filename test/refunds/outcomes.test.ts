import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { intentOf, orderOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import type { Movement } from '../../src/movements/movement.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { CARD, pay, visitSuccess } from '../support/buyer.ts';
import { paidOrder, runDisputedPlatform, totalOf, type DisputedPlatform } from '../support/dispute.ts';
import { balanceOf, expectToAddUp, fundPlatform, fundSeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import {
  askRefund,
  movedFor,
  REFUND_FAILS,
  REFUND_PENDING,
  REFUND_SECONDS,
  refundIn,
  refundsAtStripe,
  refundsOf,
  sweepNow,
} from '../support/refund.ts';

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

const platform = (): Promise<DisputedPlatform> => runDisputedPlatform(place);

const coffee = { items: [{ id: 'coffee' }] };
const cabin = { items: [{ id: 'cabin' }] };
const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

/** Its money can be spent at once. */
const AT_ONCE = { ...CARD, number: '4000000000000077' };

/** Pays out everything that an account can spend. */
async function emptyPurse(shop: DisputedPlatform, account?: string): Promise<void> {
  const [amount = 0] = (await balanceOf(shop, account)).usd ?? [];
  const options = account ? { stripeAccount: account } : undefined;
  await shop.stripe.payouts.create({ amount, currency: 'usd' }, options);
}

async function alarmsOf(code: string, subject: string): Promise<string[]> {
  const rows = await place.sql<{ detail: string }>`
    select detail from quittance.alarm where code = ${code} and subject = ${subject}`;
  return rows.map(({ detail }) => detail);
}

describe('a refund that fails later', () => {
  it('of a destination charge: the order stands again, and the seller has again what they had', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin, REFUND_FAILS);
    await shop.orderIn(order.order, 'fulfilled');
    await until(async () => (await totalOf(shop, shop.ann.account)) === 9_000, 'the booking of the charge');
    const before = [await totalOf(shop), await totalOf(shop, shop.ann.account)];
    const { id } = await askRefund(shop, order);
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 10_000 });
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
    await shop.advance(REFUND_SECONDS);
    expect(await refundIn(shop, order, 'failed')).toMatchObject({
      failure_reason: 'expired_or_canceled_card',
    });
    const [given] = await movedFor(shop, order, { purpose: 'refund_retransfer', times: 1 });
    expect(given?.amount).toEqual({ value: 9_000, currency: 'usd' });
    expect([await totalOf(shop), await totalOf(shop, shop.ann.account)]).toEqual(before);
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'fulfilled', refunded: 0 });
    expect(await alarmsOf('refund_failed', id)).toEqual([expect.stringContaining(order.order)]);
    expect(await shop.fulfilments(order.order)).toBe(1);
    await expectToAddUp(shop);
    // What did not arrive can be sent again.
    expect(await askRefund(shop, order, { amount: 10_000 })).toMatchObject({ http: 201 });
  });

  it('of a cart: each seller gets back what the refund took, and the next one counts from there', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cart, REFUND_FAILS);
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const before = await Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)));
    await askRefund(shop, order, { amount: 4_444 });
    const taken = await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    await shop.advance(REFUND_SECONDS);
    const given = await movedFor(shop, order, { purpose: 'refund_retransfer', times: 2 });
    expect(given.map(({ amount }) => amount.value).toSorted((a, b) => a - b)).toEqual(
      taken.map(({ amount }) => amount.value).toSorted((a, b) => a - b),
    );
    expect(await Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)))).toEqual(
      before,
    );
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'fulfilled', refunded: 0 });
    await askRefund(shop, order);
    // All of it comes from two transfers to each: what was left of the first, and the second.
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 6 });
    expect(await Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)))).toEqual([
      0, 0,
    ]);
  });
});

describe('a cart that is refunded before its sellers have their transfers', () => {
  it('under way: they are reversed when they are made, but not for what the platform pays alone', async () => {
    const shop = await platform();
    const away = shop.simulator.faults.add({ kind: 'reset_before', match: 'POST /v1/transfers' });
    const order = await paidOrder(shop, cart);
    const tried = async (): Promise<Movement[]> =>
      (await movementsOf(place.sql, order.order)).filter(({ postponed }) => postponed > 0);
    await until(async () => (await tried()).length === 2, 'both transfers to be tried');
    expect(await askRefund(shop, order, { amount: 3_001 })).toMatchObject({ http: 201 });
    expect(await askRefund(shop, order, { amount: 5, reverse_transfer: false })).toMatchObject({ http: 201 });
    shop.simulator.faults.clear(away);
    await sweepNow(place, ...(await tried()));
    const taken = await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    expect(taken.map(({ amount }) => amount.value).toSorted((a, b) => a - b)).toEqual([970, 1_800]);
  });

  it('withheld from them: they get it when the refund fails', async () => {
    const shop = await platform();
    const deaf = shop.simulator.faults.add({ kind: 'drop' });
    const order = await orderOf(shop, cart);
    expect(await pay(order, REFUND_FAILS)).toBe(true);
    const session = await shop.stripe.checkout.sessions.retrieve(order.session);
    await shop.stripe.refunds.create({ payment_intent: session.payment_intent as string, amount: 3_001 });
    await visitSuccess(shop, order);
    const made = await movedFor(shop, order, { purpose: 'split', times: 2 });
    expect(made.map(({ amount }) => amount.value).toSorted((a, b) => a - b)).toEqual([3_880, 7_200]);
    shop.simulator.faults.clear(deaf);
    await shop.advance(REFUND_SECONDS);
    const given = await movedFor(shop, order, { purpose: 'refund_retransfer', times: 2 });
    expect(given.map(({ amount }) => amount.value).toSorted((a, b) => a - b)).toEqual([970, 1_800]);
    expect(await refundsOf(shop, order)).toMatchObject([{ status: 'failed', source: 'stripe' }]);
  });
});

describe('a refund on its way', () => {
  it('is pending at a slow bank, then succeeded, and counts all the time', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, coffee, REFUND_PENDING);
    await shop.orderIn(order.order, 'fulfilled');
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'pending' });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 350 });
    await shop.advance(REFUND_SECONDS);
    await refundIn(shop, order, 'succeeded');
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 350 });
  });

  it('waits for the platform’s balance', async () => {
    const shop = await platform();
    // More than Stripe's fees, which it lets an account owe.
    const order = await paidOrder(shop, { items: [{ id: 'room', quantity: 10 }] }, AT_ONCE);
    await shop.orderIn(order.order, 'fulfilled');
    await emptyPurse(shop);
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'pending' });
    await fundPlatform(shop, 100_000);
    await refundIn(shop, order, 'succeeded');
  });
});

describe('a seller without the money', () => {
  it('of a destination charge: no refund and a precise answer, or the platform pays alone', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin, AT_ONCE);
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
    const shop = await platform();
    const order = await paidOrder(shop, cart, AT_ONCE);
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
