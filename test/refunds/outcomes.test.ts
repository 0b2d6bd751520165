import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { intentOf, orderOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { CARD } from '../support/buyer.ts';
import {
  disputeOrder,
  paidOrder,
  runDisputedPlatform,
  totalOf,
  type DisputedPlatform,
} from '../support/dispute.ts';
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

describe('never more than was paid', () => {
  it('with twenty at once, with one key twenty times, and with what the Dashboard gave back', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin);
    await shop.orderIn(order.order, 'fulfilled');
    const twenty = Array.from({ length: 20 }, () => askRefund(shop, order, { amount: 1_500 }));
    const answers = await Promise.all(twenty);
    expect(answers.filter(({ http }) => http === 201)).toHaveLength(6);
    expect(new Set(answers.filter(({ http }) => http !== 201).map(({ code }) => code))).toEqual(
      new Set(['refund_exceeds_payment']),
    );
    expect(await refundsAtStripe(shop, order)).toHaveLength(6);
    const same = await Promise.all(
      Array.from({ length: 20 }, () => askRefund(shop, order, { amount: 100 }, 'one-click')),
    );
    expect(new Set(same.map(({ id, http }) => `${http} ${id}`)).size).toBe(1);
    expect(await askRefund(shop, order, { amount: 101 }, 'one-click')).toMatchObject({
      http: 409,
      code: 'idempotency_key_reused',
    });
    expect(await refundsAtStripe(shop, order)).toHaveLength(7);
    const { payment_intent } = await wholeOrderOf(shop, order);
    await shop.stripe.refunds.create({ payment_intent: payment_intent ?? '', amount: 300 });
    await until(async () => (await refundsOf(shop, order)).length === 8, 'the refund of the Dashboard');
    expect((await refundsOf(shop, order)).at(-1)).toMatchObject({
      source: 'stripe',
      status: 'succeeded',
      amount: { value: 300 },
    });
    expect(await askRefund(shop, order, { amount: 601 })).toMatchObject({ left: { value: 600 } });
    expect(await askRefund(shop, order)).toMatchObject({ http: 201, amount: { value: 600 } });
    expect(await askRefund(shop, order)).toMatchObject({ http: 409, code: 'already_refunded' });
    expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'refunded', refunded: 10_000 });
  });

  it('when the Dashboard was first and nobody heard of it: Stripe’s word', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, coffee);
    await shop.orderIn(order.order, 'fulfilled');
    shop.simulator.faults.add({ kind: 'drop' });
    const { payment_intent } = await wholeOrderOf(shop, order);
    await shop.stripe.refunds.create({ payment_intent: payment_intent ?? '', amount: 300 });
    const refused = await askRefund(shop, order, {}, 'k');
    expect(refused).toMatchObject({ http: 409, code: 'refund_exceeds_payment' });
    expect(await askRefund(shop, order, {}, 'k')).toEqual(refused);
    expect(await refundsOf(shop, order)).toMatchObject([{ status: 'refused' }]);
    expect(await askRefund(shop, order, { amount: 50 })).toMatchObject({ http: 201 });
  });
});

describe('what can not be refunded', () => {
  it('an order that is not paid, is not there, is disputed, or by who has no key', async () => {
    const shop = await platform();
    const unpaid = await orderOf(shop, coffee);
    expect(await askRefund(shop, unpaid)).toMatchObject({ http: 409, code: 'order_not_paid' });
    expect(await askRefund(shop, { order: 'ord_nobody' })).toMatchObject({
      http: 404,
      code: 'order_not_found',
    });
    const stranger = await fetch(`${shop.url}/api/orders/${unpaid.order}/refunds`, {
      method: 'POST',
      body: '{}',
    });
    expect(stranger.status).toBe(401);
    // The order's own token opens the order, not its money.
    const buyer = await fetch(`${shop.url}/api/orders/${unpaid.order}/refunds`, {
      headers: { authorization: `Bearer ${unpaid.token}` },
    });
    expect(buyer.status).toBe(401);
    const disputed = await paidOrder(shop, coffee);
    await shop.orderIn(disputed.order, 'fulfilled');
    await disputeOrder(shop, disputed);
    expect(await askRefund(shop, disputed)).toMatchObject({ http: 409, code: 'order_disputed' });
  });

  it('S12: a body that says anything else than what may be said', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, coffee);
    await shop.orderIn(order.order, 'fulfilled');
    for (const [body, field] of TAMPERED) {
      const answer = await askRefund(shop, order, body);
      const wrong = { http: 400, code: 'invalid_request', ...(field ? { field } : {}) };
      expect([body, answer]).toMatchObject([body, wrong]);
    }
    expect(await askRefund(shop, order, {}, 'a key')).toMatchObject({ code: 'invalid_idempotency_key' });
    const paged = await shop.api(`/api/orders/${order.order}/refunds?before=1`);
    expect(await paged.json()).toMatchObject({ status: 400, field: 'before' });
    expect(await refundsOf(shop, order)).toEqual([]);
    // Control: the same order can be refunded, and another order's address does not show it.
    const refund = await askRefund(shop, order);
    const other = await paidOrder(shop, coffee);
    expect((await shop.api(`/api/orders/${order.order}/refunds/${refund.id}`)).status).toBe(200);
    expect((await shop.api(`/api/orders/${other.order}/refunds/${refund.id}`)).status).toBe(404);
  });
});

const TAMPERED: [unknown, string?][] = [
  [''],
  ['[]'],
  ['{"amount":1e400}', 'amount'],
  [{ amount: 0 }, 'amount'],
  [{ amount: -5 }, 'amount'],
  [{ amount: 1.5 }, 'amount'],
  [{ amount: '100' }, 'amount'],
  [{ amount: 5, currency: 'jpy' }, 'currency'],
  [{ destination: 'acct_1' }, 'destination'],
  [{ reason: 'because' }, 'reason'],
  [{ reverse_transfer: true }, 'reverse_transfer'],
  [{ reverse_transfer: 'false' }, 'reverse_transfer'],
  [{ refund_application_fee: true }, 'refund_application_fee'],
];

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
    await place.sql`update quittance.movement set run_at = now() where id = ${waiting.id}`;
    await place.sql`select graphile_worker.add_job('quittance.sweep_movements')`;
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
  });
});
