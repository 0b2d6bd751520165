import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { orderOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { disputeOrder, paidOrder, runDisputedPlatform, type DisputedPlatform } from '../support/dispute.ts';
import { until } from '../support/quittance.ts';
import { askRefund, refundsAtStripe, refundsOf } from '../support/refund.ts';

let place: { url: string; sql: Database['sql'] };
let shop: DisputedPlatform;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
  shop = await runDisputedPlatform(place);
});

const coffee = { items: [{ id: 'coffee' }] };
const cabin = { items: [{ id: 'cabin' }] };

describe('never more than was paid', () => {
  it('with twenty at once, with one key eight times, and with what the Dashboard gave back', async () => {
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
      Array.from({ length: 8 }, () => askRefund(shop, order, { amount: 100 }, 'one-click')),
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
    const order = await paidOrder(shop, coffee);
    await shop.orderIn(order.order, 'fulfilled');
    const deaf = shop.simulator.faults.add({ kind: 'drop' });
    const { payment_intent } = await wholeOrderOf(shop, order);
    await shop.stripe.refunds.create({ payment_intent: payment_intent ?? '', amount: 300 });
    const refused = await askRefund(shop, order, {}, 'k');
    expect(refused).toMatchObject({ http: 409, code: 'refund_exceeds_payment' });
    expect(await askRefund(shop, order, {}, 'k')).toEqual(refused);
    expect(await refundsOf(shop, order)).toMatchObject([{ status: 'refused' }]);
    expect(await askRefund(shop, order, { amount: 50 })).toMatchObject({ http: 201 });
    shop.simulator.faults.clear(deaf);
  });
});

describe('what can not be refunded', () => {
  it('an order that is not paid, is not there, is disputed, or by who has no key', async () => {
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
