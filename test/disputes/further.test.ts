import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Movement } from '../../src/movements/movement.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { control } from '../simulator/support/simulator.ts';
import { pay } from '../support/buyer.ts';
import { orderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import {
  booksOf,
  decide,
  disputeOrder,
  disputeUntil,
  moved,
  paidOrder,
  runDisputedPlatform,
  totalOf,
  untilQuiet,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { until } from '../support/quittance.ts';
import { askRefund, movedFor, REFUND_FAILS, REFUND_SECONDS, sweepNow } from '../support/refund.ts';

let database: Database;
let shop: DisputedPlatform;

beforeAll(async () => {
  const place = await freshDatabase();
  ({ database } = place);
  shop = await runDisputedPlatform({ url: place.url, sql: database.sql });
});

const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

/** The movements of this purpose, once so many were tried in vain. */
function waiting({ order }: { order: string }, purpose: string, times: number): Promise<Movement[]> {
  return until(async () => {
    const all = (await movementsOf(database.sql, order)).filter((each) => each.purpose === purpose);
    const tried = all.filter(({ postponed, status }) => postponed > 0 && status === 'planned');
    return tried.length === times && tried;
  }, `${times} of ${purpose} that wait`);
}

describe('a dispute after a refund that failed', () => {
  it('of a destination charge: what the seller was given again is taken, and had when won', async () => {
    const books = await booksOf(shop);
    const had = await totalOf(shop, shop.ann.account);
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }] }, REFUND_FAILS);
    const booked = async (): Promise<boolean> => (await totalOf(shop, shop.ann.account)) === had + 9_000;
    await until(booked, 'the booking of the charge');
    await askRefund(shop, order);
    await shop.advance(REFUND_SECONDS);
    await movedFor(shop, order, { purpose: 'refund_retransfer', times: 1 });
    const id = await disputeOrder(shop, order);
    await disputeUntil(shop, id, moved('dispute_reversal'));
    expect(await books()).toMatchObject({ ann: 0 });
    await decide(shop, id, 'winning_evidence');
    await disputeUntil(shop, id, moved('dispute_retransfer'));
    expect(await books()).toMatchObject({ ann: 9_000 });
  });

  it('of a cart, before it was given again: it is taken when it was', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cart, REFUND_FAILS);
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    await askRefund(shop, order);
    await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
    const away = shop.simulator.faults.add({ kind: 'reset_before', match: 'POST /v1/transfers' });
    await shop.advance(REFUND_SECONDS);
    const late = await waiting(order, 'refund_retransfer', 2);
    await disputeOrder(shop, order);
    await shop.orderIn(order.order, 'disputed');
    await untilQuiet(shop);
    shop.simulator.faults.clear(away);
    await sweepNow(shop, ...late);
    await movedFor(shop, order, { purpose: 'dispute_reversal', times: 2 });
    expect(await books()).toMatchObject({ ann: 0, bob: 0 });
  });
});

it('a reversal that Stripe has made and we have not heard of is not counted twice', async () => {
  const books = await booksOf(shop);
  const order = await paidOrder(shop, cart);
  await movedFor(shop, order, { purpose: 'split', times: 2 });
  const away = shop.simulator.faults.add({ kind: 'reset_after', match: 'POST /v1/transfers' });
  await askRefund(shop, order, { amount: 5_000 });
  const late = await waiting(order, 'refund_reversal', 2);
  shop.simulator.faults.clear(away);
  const id = await disputeOrder(shop, order, { amount: 10_005 });
  await disputeUntil(shop, id, moved('dispute_reversal', 2));
  await sweepNow(shop, ...late);
  await movedFor(shop, order, { purpose: 'refund_reversal', times: 2 });
  // Both are rounded down.
  expect(await books()).toMatchObject({ ann: 1, bob: 1 });
});

it('a seller who could not be paid until the dispute was lost keeps nothing of it', async () => {
  const order = await orderOf(shop, cart);
  const capabilities = { transfers: { requested: true } };
  const { id: account } = await shop.stripe.accounts.create({ country: 'US', capabilities });
  await database.sql`update quittance.seller set account = ${account} where reference = 'ann'`;
  expect(await pay(order)).toBe(true);
  const late = await waiting(order, 'split', 1);
  const id = await disputeOrder(shop, order);
  await disputeUntil(shop, id, moved('dispute_reversal'));
  await decide(shop, id, 'losing_evidence');
  await disputeUntil(shop, id, ({ closed_at }) => closed_at !== null);
  await untilQuiet(shop);
  await control(shop.simulator, 'POST', `accounts/${account}/onboard`);
  await sweepNow(shop, ...late);
  await movedFor(shop, order, { purpose: 'dispute_reversal', times: 2 });
  expect(await totalOf(shop, account)).toBe(0);
});

it('of a cart that was paid twice, the disputed payment that was not shared out takes nothing', async () => {
  const order = await paidOrder(shop, { items: [{ id: 'boat' }, { id: 'coffee' }] });
  await movedFor(shop, order, { purpose: 'split', times: 1 });
  const metadata = { quittance_order: order.order };
  const price_data = { currency: 'usd', unit_amount: 5_355, product_data: { name: 'Cart' } };
  const { id: session, url } = await shop.stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'http://localhost/',
    metadata,
    payment_intent_data: { metadata, transfer_group: order.order },
    line_items: [{ quantity: 1, price_data }],
  });
  expect(await pay({ ...order, url: url ?? '' })).toBe(true);
  const paid = await shop.stripe.checkout.sessions.retrieve(session, { expand: ['payment_intent'] });
  const charge = (paid.payment_intent as Stripe.PaymentIntent).latest_charge as string;
  const { id } = await control<{ id: string }>(shop.simulator, 'POST', `charges/${charge}/dispute`, {});
  expect(await disputeUntil(shop, id, () => true)).toMatchObject({ order: order.order, charge });
  await untilQuiet(shop);
  expect((await movementsOf(database.sql, order.order)).map(({ purpose }) => purpose)).toEqual(['split']);
});
