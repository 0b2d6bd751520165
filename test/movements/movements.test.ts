import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Movement } from '../../src/movements/movement.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { lookUp } from '../../src/movements/stripe.ts';
import { paidOrder, runDisputedPlatform, type DisputedPlatform } from '../support/dispute.ts';
import { freshDatabase } from '../support/database.ts';
import type { Ordered } from '../support/cart.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { askRefund, movedFor, refundIn, refundsAtStripe, sweepNow } from '../support/refund.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { startStripeProxy } from '../support/stripe-proxy.ts';

const DAY_MS = 24 * 3600 * 1000;
const REFUND = 'POST /v1/refunds';

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

async function paidCoffee(shop: DisputedPlatform): Promise<Ordered> {
  const order = await paidOrder(shop, { items: [{ id: 'coffee' }] });
  await shop.orderIn(order.order, 'fulfilled');
  return order;
}

async function refundMovement({ order }: Pick<Ordered, 'order'>): Promise<Movement> {
  const [movement] = await movementsOf(place.sql, order);
  if (!movement) throw new Error('no movement');
  return movement;
}

describe('case 30: a Stripe that has done it and does not say so', () => {
  it('answers 500, 424, or that the key is another call’s: found at once, not done again', async () => {
    const proxy = await startStripeProxy();
    const shop = await runDisputedPlatform(place, { stripeApiBase: proxy.url });
    proxy.target = shop.simulator.url;
    for (const [status, type] of [
      [500, 'api_error'],
      [424, 'api_error'],
      [400, 'idempotency_error'],
    ] as const) {
      const order = await paidCoffee(shop);
      proxy.answer({ match: REFUND, times: status === 500 ? 2 : 1, status, error: { type } });
      expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'succeeded' });
      expect(await refundsAtStripe(shop, order)).toHaveLength(1);
      expect(await refundMovement(order)).toMatchObject({ status: 'done', attempt: 1, error: null });
    }
    // A key of ours that is not taken: nothing is refused, somebody is told, and it goes on when it is.
    const order = await paidCoffee(shop);
    shop.simulator.faults.add({ kind: 'drop' });
    proxy.answer({ match: REFUND, times: 1, status: 401, error: { type: 'invalid_request_error' } });
    expect(await askRefund(shop, order, {}, 'click')).toMatchObject({ http: 202, status: 'requested' });
    const { id } = await refundMovement(order);
    const told = (): Promise<unknown[]> =>
      place.sql`select from quittance.alarm where code = 'movement_blocked' and subject = ${id}`;
    await until(async () => (await told()).length === 1, 'the alarm');
    expect(await askRefund(shop, order, {}, 'click')).toMatchObject({ http: 201 });
    expect(await refundsAtStripe(shop, order)).toHaveLength(1);
  });

  it('cuts the connection: the same key tells, and it is done once', async () => {
    const shop = await runDisputedPlatform(place);
    const order = await paidCoffee(shop);
    // Its events would tell.
    shop.simulator.faults.add({ kind: 'drop' });
    const cut = shop.simulator.faults.add({ kind: 'reset_after', match: REFUND });
    expect(await askRefund(shop, order, {}, 'click')).toMatchObject({ http: 202, status: 'requested' });
    expect(await refundsAtStripe(shop, order)).toHaveLength(1);
    // Asked again by the same key it is the same refund, and its call is made under the same key.
    shop.simulator.faults.clear(cut);
    expect(await askRefund(shop, order, {}, 'click')).toMatchObject({ http: 201, status: 'succeeded' });
    expect(await refundsAtStripe(shop, order)).toHaveLength(1);
    expect(await refundMovement(order)).toMatchObject({ status: 'done', attempt: 1, error: null });
  });
});

describe('a Stripe that has not done it', () => {
  it('is busy: the same key again; or fails for ever under it: a new key, after looking', async () => {
    const shop = await runDisputedPlatform(place);
    const busy = await paidCoffee(shop);
    shop.simulator.faults.add({ kind: 'rate_limit', match: REFUND, times: 1 });
    expect(await askRefund(shop, busy)).toMatchObject({ http: 202, status: 'requested' });
    const again = await refundMovement(busy);
    expect(again).toMatchObject({ status: 'planned', attempt: 1, error_code: 'rate_limit', postponed: 1 });
    expect(again.tried_at).not.toBeNull();
    const broken = await paidCoffee(shop);
    shop.simulator.faults.add({ kind: 'api_error', match: REFUND, times: 1 });
    expect(await askRefund(shop, broken)).toMatchObject({ http: 202, status: 'requested' });
    const anew = await refundMovement(broken);
    expect(anew).toMatchObject({ status: 'planned', attempt: 2, tried_at: null });
    await sweepNow(place, again, anew);
    await refundIn(shop, busy, 'succeeded');
    await refundIn(shop, broken, 'succeeded');
    await movedFor(shop, busy, { purpose: 'refund', times: 1 });
    expect(await refundMovement(busy)).toMatchObject({ status: 'done', attempt: 1, error_code: null });
    for (const order of [busy, broken]) expect(await refundsAtStripe(shop, order)).toHaveLength(1);
  });
});

describe('case 30: a key that Stripe may have forgotten', () => {
  it('is not used a day later: what was done is found, what was not is done under a new key', async () => {
    let ahead = 0;
    const shop = await runDisputedPlatform(place, { clock: { now: () => Date.now() + ahead } });
    const [made, lost] = [await paidCoffee(shop), await paidCoffee(shop)];
    shop.simulator.faults.add({ kind: 'drop' });
    for (const [order, kind] of [
      [made, 'reset_after'],
      [lost, 'reset_before'],
    ] as const) {
      const cut = shop.simulator.faults.add({ kind, match: REFUND });
      expect(await askRefund(shop, order)).toMatchObject({ http: 202 });
      shop.simulator.faults.clear(cut);
    }
    ahead = DAY_MS + 60_000;
    await shop.advance(ahead / 1000);
    await sweepNow(place, await refundMovement(made), await refundMovement(lost));
    for (const [order, attempt] of [
      [made, 1],
      [lost, 2],
    ] as const) {
      const { stripe_refund: stripe_id } = await refundIn(shop, order, 'succeeded');
      expect(await refundMovement(order)).toMatchObject({ status: 'done', attempt, stripe_id });
      expect(await refundsAtStripe(shop, order)).toHaveLength(1);
    }
  });

  it('is not guessed at when there is too much to look through', async () => {
    let read = 0;
    const list = (): AsyncIterable<unknown> =>
      (async function* () {
        for (;;) {
          read += 1;
          yield { id: `tr_${read}`, metadata: {} };
        }
      })();
    const stripe = { transfers: { list } } as unknown as Stripe;
    const movement = { id: 'mov_x', kind: 'transfer', params: {}, created_at: new Date(0).toISOString() };
    expect(await lookUp(stripe, movement as unknown as Movement)).toBe('unsure');
    expect(read).toBe(1_000);
  });
});

describe('two processes', () => {
  it('at the same movements make each call once', async () => {
    const shop = await runDisputedPlatform(place);
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const twin = await runQuittance(place.url, {
      stripeSecretKey: STRIPE_KEY,
      stripeApiBase: shop.simulator.url,
    });
    const both = [shop, twin, shop, twin, shop, twin];
    const keys = ['a', 'b', 'c'];
    const answers = await Promise.all(
      keys.flatMap((key) => both.map((one) => askRefund(one, order, { amount: 1_000 }, key))),
    );
    expect(new Set(answers.map(({ http }) => http))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ stripe_refund }) => stripe_refund)).size).toBe(3);
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 6 });
    expect(await refundsAtStripe(shop, order)).toHaveLength(3);
    const transfers = await shop.stripe.transfers.list({ transfer_group: order.order });
    const reversed = transfers.data.map(({ amount_reversed }) => amount_reversed);
    // Of 15005: 9000 are Ann's and 4850 Bob's.
    expect(reversed.toSorted((a, b) => a - b)).toEqual([970, 1_799]);
    // Nothing of what was sent is in the log.
    const { payment_intent } = (await refundMovement(order)).params;
    expect(`${shop.log.text()}${twin.log.text()}`).not.toContain(payment_intent ?? 'pi_');
  });
});
