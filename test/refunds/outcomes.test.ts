import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { orderOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import type { Movement } from '../../src/movements/movement.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { pay, visitSuccess } from '../support/buyer.ts';
import {
  decide,
  disputeOrder,
  disputeUntil,
  paidOrder,
  runDisputedPlatform,
  totalOf,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { expectToAddUp } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import {
  askRefund,
  movedFor,
  REFUND_FAILS,
  REFUND_PENDING,
  REFUND_SECONDS,
  refundIn,
  refundsOf,
  sweepNow,
} from '../support/refund.ts';

let place: { url: string; sql: Database['sql'] };
let shop: DisputedPlatform;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
  shop = await runDisputedPlatform(place);
});

const coffee = { items: [{ id: 'coffee' }] };
const cabin = { items: [{ id: 'cabin' }] };
const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

async function alarmsOf(code: string, subject: string): Promise<string[]> {
  const rows = await place.sql<{ detail: string }>`
    select detail from quittance.alarm where code = ${code} and subject = ${subject}`;
  return rows.map(({ detail }) => detail);
}

describe('a refund that fails later', () => {
  it('of a destination charge: the order stands again, and the seller has again what they had', async () => {
    const had = await totalOf(shop, shop.ann.account);
    const order = await paidOrder(shop, cabin, REFUND_FAILS);
    const booked = async (): Promise<boolean> => (await totalOf(shop, shop.ann.account)) === had + 9_000;
    await until(booked, 'the booking of the charge');
    const before = [await totalOf(shop), await totalOf(shop, shop.ann.account)];
    const { id } = await askRefund(shop, order);
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 10_000 });
    expect(await totalOf(shop, shop.ann.account)).toBe(had);
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
  });

  it('of a payment that is disputed as well: the bank has the money, until the dispute is won', async () => {
    const order = await paidOrder(shop, coffee, REFUND_FAILS);
    await askRefund(shop, order);
    const dispute = await disputeOrder(shop, order);
    await disputeUntil(shop, dispute, ({ status }) => status === 'needs_response');
    await shop.orderIn(order.order, 'refunded');
    await shop.advance(REFUND_SECONDS);
    await refundIn(shop, order, 'failed');
    await shop.orderIn(order.order, 'disputed');
    await decide(shop, dispute, 'winning_evidence');
    await shop.orderIn(order.order, 'fulfilled');
    expect(await shop.fulfilments(order.order)).toBe(1);
  });

  it('of a cart: each seller gets back what it took, and the next one counts from there', async () => {
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
    const [ann = 0, bob = 0] = before;
    expect(await Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)))).toEqual([
      ann - 9_000,
      bob - 4_850,
    ]);
  });
});

describe('a cart that is refunded before its sellers have their transfers', () => {
  it('under way: reversed when they are made, but not for what the platform pays alone', async () => {
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
    const order = await paidOrder(shop, coffee, REFUND_PENDING);
    await shop.orderIn(order.order, 'fulfilled');
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'pending' });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 350 });
    await shop.advance(REFUND_SECONDS);
    await refundIn(shop, order, 'succeeded');
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 350 });
  });

  it('is read again when nobody tells of its end', async () => {
    const order = await paidOrder(shop, coffee, REFUND_PENDING);
    const { id } = await askRefund(shop, order);
    const deaf = shop.simulator.faults.add({ kind: 'drop' });
    await shop.advance(REFUND_SECONDS);
    shop.simulator.faults.clear(deaf);
    expect(await refundsOf(shop, order)).toMatchObject([{ status: 'pending' }]);
    await place.sql`update quittance.refund set updated_at = now() - interval '7 hours' where id = ${id}`;
    await place.sql`select graphile_worker.add_job('quittance.sweep_refunds')`;
    await refundIn(shop, order, 'succeeded');
  });
});
