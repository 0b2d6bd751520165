import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { deliverTo, pay, visitSuccess } from '../support/buyer.ts';
import { orderOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import {
  paidOrder,
  runDisputedPlatform,
  totalOf,
  untilQuiet,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { until } from '../support/quittance.ts';
import {
  askRefund,
  movedFor,
  REFUND_FAILS,
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

const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

function sellers(): Promise<number[]> {
  return Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)));
}

it('a destination charge, again after it failed: the seller bears it until that fails too', async () => {
  const [had = 0] = await sellers();
  const order = await paidOrder(shop, { items: [{ id: 'cabin' }] }, REFUND_FAILS);
  await until(async () => (await sellers())[0] === had + 9_000, 'the booking of the charge');
  await askRefund(shop, order);
  await shop.advance(REFUND_SECONDS);
  await movedFor(shop, order, { purpose: 'refund_retransfer', times: 1 });
  expect(await askRefund(shop, order)).toMatchObject({ http: 201 });
  await movedFor(shop, order, { purpose: 'refund_reversal', times: 1 });
  expect((await sellers())[0]).toBe(had);
  await shop.advance(REFUND_SECONDS);
  await movedFor(shop, order, { purpose: 'refund_retransfer', times: 2 });
  expect((await sellers())[0]).toBe(had + 9_000);
});

describe('a cart that is refunded again', () => {
  it('before its sellers have again what the failed refund took: it is taken when they have', async () => {
    const order = await paidOrder(shop, cart, REFUND_FAILS);
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const [ann = 0, bob = 0] = await sellers();
    await askRefund(shop, order);
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    const away = shop.simulator.faults.add({ kind: 'reset_before', match: 'POST /v1/transfers' });
    await shop.advance(REFUND_SECONDS);
    await refundIn(shop, order, 'failed');
    const waiting = await until(async () => {
      const all = await movementsOf(place.sql, order.order);
      const tried = all.filter((each) => each.purpose === 'refund_retransfer' && each.postponed > 0);
      return tried.length === 2 && tried;
    }, 'two transfers that wait');
    expect(await askRefund(shop, order)).toMatchObject({ http: 201 });
    shop.simulator.faults.clear(away);
    await sweepNow(place, ...waiting);
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 4 });
    expect(await sellers()).toEqual([ann - 9_000, bob - 4_850]);
  });

  it.each(['before', 'after'])(
    'here, %s its transfers in the Dashboard: sellers keep nothing',
    async (when) => {
      const had = await sellers();
      const deaf = when === 'before' ? [shop.simulator.faults.add({ kind: 'drop' })] : [];
      const order = await orderOf(shop, cart);
      expect(await pay(order)).toBe(true);
      if (when === 'after') await movedFor(shop, order, { purpose: 'split', times: 2 });
      const { payment_intent: intent } = await shop.stripe.checkout.sessions.retrieve(order.session);
      await shop.stripe.refunds.create({ payment_intent: intent as string, amount: 7_000 });
      if (when === 'before') await visitSuccess(shop, order);
      await movedFor(shop, order, { purpose: 'split', times: 2 });
      for (const fault of deaf) shop.simulator.faults.clear(fault);
      const { data } = await shop.stripe.events.list({ type: 'refund.created', limit: 1 });
      if (when === 'before') await deliverTo(shop, ...data);
      await refundIn(shop, order, 'succeeded');
      expect(await askRefund(shop, order, { amount: 8_005 })).toMatchObject({ http: 201 });
      await movedFor(shop, order, { purpose: 'refund_reversal', times: when === 'after' ? 4 : 2 });
      expect(await sellers()).toEqual(had);
      const told = (await refundsOf(shop, order)).map(({ reverse_transfer }) => reverse_transfer);
      expect(new Set(told)).toEqual(new Set([true]));
    },
  );
});

it('of an order that was paid twice one payment is given back in the Dashboard, the other here', async () => {
  const order = await paidOrder(shop, { items: [{ id: 'coffee' }] });
  const metadata = { quittance_order: order.order };
  const price_data = { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } };
  const second = await shop.stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'http://localhost/',
    metadata,
    payment_intent_data: { metadata },
    line_items: [{ quantity: 1, price_data }],
  });
  expect(await pay({ ...order, url: second.url ?? '' })).toBe(true);
  const { payment_intent: intent } = await shop.stripe.checkout.sessions.retrieve(second.id);
  await shop.stripe.refunds.create({ payment_intent: intent as string });
  await untilQuiet(shop);
  expect(await refundsOf(shop, order)).toEqual([]);
  expect(await wholeOrderOf(shop, order)).toMatchObject({ status: 'fulfilled', refunded: 0 });
  expect(await askRefund(shop, order)).toMatchObject({ http: 201, status: 'succeeded' });
});
