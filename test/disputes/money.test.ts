import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { idOf } from '../simulator/support/simulator.ts';
import { intentOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import {
  alarmsOf,
  booksOf,
  decide,
  disputeOrder,
  disputeUntil,
  moved,
  paidOrder,
  runDisputedPlatform,
  untilQuiet,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { expectToAddUp } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';

// Stripe's, of 100.00 usd by card.
const CARD_FEE = 320;
const DISPUTE_FEE = 1_500;
const REVERSAL = 'dispute_reversal';
const RETRANSFER = 'dispute_retransfer';

let database: Database;
let shop: DisputedPlatform;

beforeAll(async () => {
  const place = await freshDatabase();
  ({ database } = place);
  shop = await runDisputedPlatform({ url: place.url, sql: database.sql });
});
afterEach(() => shop.simulator.faults.clear());

const cabin = { items: [{ id: 'cabin' }] };
const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };

describe('a disputed destination charge', () => {
  it('lost: the seller gives back what they got, the platform its fee, whatever comes twice', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cabin);
    expect(await books()).toEqual({ platform: 1_000 - CARD_FEE, ann: 9_000, bob: 0 });
    shop.simulator.faults.add({ kind: 'duplicate', match: 'charge.dispute' });
    shop.simulator.faults.add({ kind: 'reorder', match: 'charge.dispute' });
    const id = await disputeOrder(shop, order);
    const taken = await disputeUntil(shop, id, moved(REVERSAL));
    expect(taken).toMatchObject({ order: order.order, status: 'needs_response', reason: 'fraudulent' });
    await shop.orderIn(order.order, 'disputed');
    expect(await books()).toEqual({ platform: -CARD_FEE - DISPUTE_FEE, ann: 0, bob: 0 });
    await decide(shop, id, 'losing_evidence');
    const lost = await disputeUntil(shop, id, ({ closed_at }) => closed_at !== null);
    expect(lost).toMatchObject({ status: 'lost', submission_count: 1, has_evidence: true });
    await untilQuiet(shop);
    expect((await disputeUntil(shop, id, () => true)).movements).toHaveLength(1);
    await shop.orderIn(order.order, 'disputed');
    expect(await books()).toEqual({ platform: -CARD_FEE - DISPUTE_FEE, ann: 0, bob: 0 });
    await expectToAddUp(shop);
    await expectToAddUp(shop, shop.ann.account);
  });

  it('won: everybody has again what they had', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cabin);
    const id = await disputeOrder(shop, order);
    await disputeUntil(shop, id, moved(REVERSAL));
    expect(await books()).toMatchObject({ ann: 0 });
    await decide(shop, id, 'winning_evidence');
    const won = await disputeUntil(shop, id, moved(RETRANSFER));
    expect(won.movements.map(({ purpose, amount }) => [purpose, amount.value])).toEqual([
      [REVERSAL, 10_000],
      [RETRANSFER, 9_000],
    ]);
    await shop.orderIn(order.order, 'fulfilled');
    expect(await shop.fulfilments(order.order)).toBe(1);
    expect(await shop.order(order.order)).toMatchObject({
      shares: [{ reversed: 10_000, given_again: 9_000 }],
    });
    expect(await books()).toEqual({ platform: 1_000 - CARD_FEE, ann: 9_000, bob: 0 });
    await expectToAddUp(shop);
  });
});

describe('a cart of two sellers', () => {
  // 10.000 less 10 %; 5.005 less 2.5 % and 30.
  const shares = { ann: 9_000, bob: 4_850 };

  it('disputed in part: each gives back that part of their net, rounded down, and has it again', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cart);
    const sold = { platform: 15_005 - 13_850 - Math.round(15_005 * 0.029) - 30, ...shares };
    await until(async () => isDeepStrictEqual(await books(), sold), 'the transfers');
    const id = await disputeOrder(shop, order, { amount: 5_000 });
    await disputeUntil(shop, id, moved(REVERSAL, 2));
    const taken = [Math.floor((9_000 * 5_000) / 15_005), Math.floor((4_850 * 5_000) / 15_005)];
    expect(taken).toEqual([2_999, 1_616]);
    expect(await books()).toMatchObject({ ann: 9_000 - 2_999, bob: 4_850 - 1_616 });
    await decide(shop, id, 'winning_evidence');
    await disputeUntil(shop, id, moved(RETRANSFER, 2));
    expect(await books()).toEqual(sold);
    await expectToAddUp(shop);
  });

  it('disputed before they were paid: what is on its way arrives and is taken back', async () => {
    const books = await booksOf(shop);
    // Stripe is not reached, twice for each of the two transfers.
    shop.simulator.faults.add({ kind: 'reset_before', match: 'POST /v1/transfers', times: 4 });
    const order = await paidOrder(shop, cart);
    const id = await disputeOrder(shop, order);
    expect((await disputeUntil(shop, id, () => true)).movements).toEqual([]);
    await runDueMovements();
    await disputeUntil(shop, id, moved(REVERSAL, 2));
    expect(await books()).toMatchObject({ ann: 0, bob: 0 });
  });
});

describe('what is taken back', () => {
  it('of a currency without minor units, after a refund, is what the refund left', async () => {
    const books = await booksOf(shop, 'jpy');
    const order = await paidOrder(shop, { items: [{ id: 'bath', quantity: 3 }] });
    const { payment_intent } = await shop.order(order.order);
    await shop.stripe.refunds.create({
      payment_intent: payment_intent as string,
      amount: 400,
      reverse_transfer: true,
      refund_application_fee: true,
    });
    // 999 less a fee of 5, of which the refund gave 2 back.
    const refunded = { platform: 5 - 2 - Math.round(999 * 0.029) - 30, ann: 999 - 5 - 400 + 2, bob: 0 };
    expect(await books()).toEqual(refunded);
    const id = await disputeOrder(shop, order, { amount: 599 });
    const { movements } = await disputeUntil(shop, id, moved(REVERSAL));
    expect(movements[0]?.amount).toEqual({ value: 599, currency: 'jpy' });
    expect(await books()).toMatchObject({ ann: 0 });
    await decide(shop, id, 'winning_evidence');
    await disputeUntil(shop, id, moved(RETRANSFER));
    expect(await books()).toEqual(refunded);
  });

  it('is never more than is left of the transfer', async () => {
    const order = await paidOrder(shop, cabin);
    const { latest_charge } = await intentOf(shop, await wholeOrderOf(shop, order));
    await shop.stripe.transfers.createReversal(idOf(latest_charge.transfer), { amount: 9_990 });
    const id = await disputeOrder(shop, order);
    const { movements } = await disputeUntil(shop, id, moved(REVERSAL));
    expect(movements.map(({ amount }) => amount.value)).toEqual([10]);
  });

  it('is nothing while the bank only asks, and everything once it takes the money', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cabin);
    const id = await disputeOrder(shop, order, { reason: 'inquiry' });
    const asked = await disputeUntil(shop, id, () => true);
    expect(asked).toMatchObject({ status: 'warning_needs_response', inquiry: true });
    await untilQuiet(shop);
    expect((await disputeUntil(shop, id, () => true)).movements).toEqual([]);
    expect(await shop.order(order.order)).toMatchObject({ status: 'fulfilled' });
    expect(await books()).toMatchObject({ ann: 9_000 });
    const told = async (code: string): Promise<number> => (await alarmsOf(database.sql, code, id)).length;
    expect([await told('dispute_inquiry'), await told('dispute_opened')]).toEqual([1, 0]);
    // Control: the same dispute does move money when it becomes one.
    await decide(shop, id, 'escalate_inquiry_evidence');
    const taken = await disputeUntil(shop, id, moved(REVERSAL));
    expect(taken).toMatchObject({ status: 'needs_response', inquiry: false });
    await shop.orderIn(order.order, 'disputed');
    expect(await books()).toMatchObject({ ann: 0 });
    expect([await told('dispute_inquiry'), await told('dispute_opened')]).toEqual([1, 1]);
  });
});

describe('a dispute that is won before the money was taken', () => {
  it('gives it back when the taking is only heard of afterwards', async () => {
    const books = await booksOf(shop);
    const order = await paidOrder(shop, cabin);
    // Stripe does it, and each of the two answers is lost.
    shop.simulator.faults.add({ kind: 'reset_after', match: '/reversals', times: 2 });
    const id = await disputeOrder(shop, order);
    await disputeUntil(shop, id, ({ movements: [first] }) => !!first?.error_code);
    expect(await books()).toMatchObject({ ann: 0 });
    await decide(shop, id, 'winning_evidence');
    const won = await disputeUntil(shop, id, ({ status }) => status === 'won');
    expect(won.movements).toMatchObject([{ purpose: REVERSAL, status: 'planned' }]);
    await runDueMovements();
    await disputeUntil(shop, id, moved(RETRANSFER));
    expect(await books()).toMatchObject({ ann: 9_000 });
  });

  it('takes nothing when the seller had too little until then', async () => {
    const order = await paidOrder(shop, cabin);
    const stripeAccount = shop.ann.account;
    const { available } = await shop.stripe.balance.retrieve({}, { stripeAccount });
    const amount = available.find(({ currency }) => currency === 'usd')?.amount ?? 0;
    await shop.stripe.payouts.create({ amount, currency: 'usd' }, { stripeAccount });
    const books = await booksOf(shop);
    const id = await disputeOrder(shop, order);
    const waiting = await disputeUntil(shop, id, ({ movements: [first] }) => !!first?.error_code);
    expect(waiting.movements).toMatchObject([{ status: 'planned', error_code: 'balance_insufficient' }]);
    await decide(shop, id, 'winning_evidence');
    await shop.orderIn(order.order, 'fulfilled');
    expect((await disputeUntil(shop, id, ({ status }) => status === 'won')).movements).toEqual([]);
    expect(await books()).toMatchObject({ ann: 0 });
  });
});

it('a dispute of a direct charge is the seller’s: recorded, and nothing is taken back', async () => {
  const order = await paidOrder(shop, { items: [{ id: 'tent' }] });
  const books = await booksOf(shop);
  const id = await disputeOrder(shop, order);
  const found = await disputeUntil(shop, id, () => true);
  expect(found).toMatchObject({ account: shop.bob.account, order: order.order });
  await shop.orderIn(order.order, 'disputed');
  await untilQuiet(shop);
  expect((await disputeUntil(shop, id, () => true)).movements).toEqual([]);
  expect(await books()).toEqual({ platform: 0, ann: 0, bob: -2_000 - DISPUTE_FEE });
  expect((await alarmsOf(database.sql, 'dispute_opened', id))[0]?.detail).toContain(shop.bob.account);
  await decide(shop, id, 'winning_evidence', shop.bob.account);
  await shop.orderIn(order.order, 'fulfilled');
  expect(await books()).toEqual({ platform: 0, ann: 0, bob: 0 });
});

/** Movements that were put off are tried again now. */
async function runDueMovements(): Promise<void> {
  const untried = (): Promise<unknown[]> =>
    database.sql`select from quittance.movement where status = 'planned' and postponed = 0`;
  await until(async () => (await untried()).length === 0, 'the first tries');
  await database.sql`update quittance.movement set run_at = now() where status = 'planned'`;
  await database.sql`select graphile_worker.add_job('quittance.sweep_movements')`;
}
