import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { idOf } from '../simulator/support/simulator.ts';
import { intentOf, wholeOrderOf, type Ordered } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import {
  alarmsOf,
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
import { expectToAddUp } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';

const DISPUTE_FEE = 1_500;
const REVERSAL = 'dispute_reversal';
const RETRANSFER = 'dispute_retransfer';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

const platform = (connect = {}): Promise<DisputedPlatform> =>
  runDisputedPlatform({ url, sql: database.sql }, { connect });

const cabin = { items: [{ id: 'cabin' }] };

describe('a disputed destination charge', () => {
  it('lost: the seller gives back what they got, the platform its fee, whatever comes twice', async () => {
    const shop = await platform();
    const before = await totalOf(shop);
    const order = await paidOrder(shop, cabin);
    expect([await totalOf(shop, shop.ann.account), (await totalOf(shop)) - before]).toEqual([
      9_000,
      1_000 - 320,
    ]);
    shop.simulator.faults.add({ kind: 'duplicate', match: 'charge.dispute' });
    shop.simulator.faults.add({ kind: 'reorder', match: 'charge.dispute' });
    const id = await disputeOrder(shop, order);
    const taken = await disputeUntil(shop, id, moved(REVERSAL));
    expect(taken).toMatchObject({
      order: order.order,
      status: 'needs_response',
      reason: 'fraudulent',
      inquiry: false,
    });
    await shop.orderIn(order.order, 'disputed');
    expect([await totalOf(shop, shop.ann.account), (await totalOf(shop)) - before]).toEqual([
      0,
      -320 - DISPUTE_FEE,
    ]);
    await decide(shop, id, 'losing_evidence');
    const lost = await disputeUntil(shop, id, ({ closed_at }) => closed_at !== null);
    expect(lost).toMatchObject({ status: 'lost', submission_count: 1, has_evidence: true });
    expect(lost.movements).toHaveLength(1);
    await shop.orderIn(order.order, 'disputed');
    expect([await totalOf(shop, shop.ann.account), (await totalOf(shop)) - before]).toEqual([
      0,
      -320 - DISPUTE_FEE,
    ]);
    await expectToAddUp(shop);
    await expectToAddUp(shop, shop.ann.account);
  });

  it('won: everybody has again what they had', async () => {
    const shop = await platform();
    const before = await totalOf(shop);
    const order = await paidOrder(shop, cabin);
    const id = await disputeOrder(shop, order);
    await disputeUntil(shop, id, moved(REVERSAL));
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
    await decide(shop, id, 'winning_evidence');
    const won = await disputeUntil(shop, id, moved(RETRANSFER));
    expect(won.movements.map(({ purpose, amount }) => [purpose, amount.value])).toEqual([
      [REVERSAL, 10_000],
      [RETRANSFER, 9_000],
    ]);
    await shop.orderIn(order.order, 'fulfilled');
    expect(await shop.fulfilments(order.order)).toBe(1);
    expect([await totalOf(shop, shop.ann.account), (await totalOf(shop)) - before]).toEqual([
      9_000,
      1_000 - 320,
    ]);
    await expectToAddUp(shop);
  });
});

describe('a cart of two sellers', () => {
  const cart = { items: [{ id: 'cabin', quantity: 1 }, { id: 'boat' }] };

  it('disputed in part: each gives back that part of their net, rounded down, and has it again', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cart);
    const both = (): Promise<number[]> =>
      Promise.all([shop.ann, shop.bob].map(({ account }) => totalOf(shop, account)));
    // 10.000 less 10 %; 5.005 less 2.5 % and 30.
    const before = [9_000, 4_850];
    await until(async () => isDeepStrictEqual(await both(), before), 'the transfers');
    const id = await disputeOrder(shop, order, { amount: 5_000 });
    await disputeUntil(shop, id, moved(REVERSAL, 2));
    const taken = [Math.floor((9_000 * 5_000) / 15_005), Math.floor((4_850 * 5_000) / 15_005)];
    expect(taken).toEqual([2_999, 1_616]);
    expect(await totalOf(shop, shop.ann.account)).toBe(9_000 - 2_999);
    expect(await totalOf(shop, shop.bob.account)).toBe(4_850 - 1_616);
    await decide(shop, id, 'winning_evidence');
    await disputeUntil(shop, id, moved(RETRANSFER, 2));
    expect(await both()).toEqual(before);
    await expectToAddUp(shop);
  });
});

describe('what is taken back', () => {
  it('of a currency without minor units, after a refund, is what the refund left', async () => {
    const shop = await platform();
    const before = await totalOf(shop, undefined, 'jpy');
    const order = await paidOrder(shop, { items: [{ id: 'bath', quantity: 3 }] });
    const { payment_intent } = await shop.order(order.order);
    await shop.stripe.refunds.create({
      payment_intent: payment_intent as string,
      amount: 400,
      reverse_transfer: true,
      refund_application_fee: true,
    });
    const left = await totalOf(shop, shop.ann.account, 'jpy');
    // 999 less a fee of 5, of which the refund gave 2 back.
    expect(left).toBe(999 - 5 - 400 + 2);
    const id = await disputeOrder(shop, order, { amount: 599 });
    const { movements } = await disputeUntil(shop, id, moved(REVERSAL));
    expect(movements[0]?.amount).toEqual({ value: 599, currency: 'jpy' });
    expect(await totalOf(shop, shop.ann.account, 'jpy')).toBe(0);
    await decide(shop, id, 'winning_evidence');
    await disputeUntil(shop, id, moved(RETRANSFER));
    expect(await totalOf(shop, shop.ann.account, 'jpy')).toBe(left);
    const fees = 30 + Math.round(999 * 0.029);
    expect((await totalOf(shop, undefined, 'jpy')) - before).toBe(5 - 2 - fees);
  });

  it('is never more than is left of the transfer', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin);
    const { transfer } = await chargeOf(shop, order);
    await shop.stripe.transfers.createReversal(transfer, { amount: 9_990 });
    const id = await disputeOrder(shop, order);
    const { movements } = await disputeUntil(shop, id, moved(REVERSAL));
    expect(movements.map(({ amount }) => amount.value)).toEqual([10]);
  });

  it('is nothing while the bank only asks, and everything once it takes the money', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin);
    const id = await disputeOrder(shop, order, { reason: 'inquiry' });
    const asked = await disputeUntil(shop, id, () => true);
    expect(asked).toMatchObject({ status: 'warning_needs_response', inquiry: true, movements: [] });
    await untilQuiet(shop);
    expect(await shop.order(order.order)).toMatchObject({ status: 'fulfilled' });
    expect(await totalOf(shop, shop.ann.account)).toBe(9_000);
    expect(await alarms('dispute_inquiry', id)).toHaveLength(1);
    expect(await alarms('dispute_opened', id)).toHaveLength(0);
    // Control: the same dispute does move money when it becomes one.
    await decide(shop, id, 'escalate_inquiry_evidence');
    const taken = await disputeUntil(shop, id, moved(REVERSAL));
    expect(taken).toMatchObject({ status: 'needs_response', inquiry: false });
    await shop.orderIn(order.order, 'disputed');
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
    expect(await alarms('dispute_opened', id)).toHaveLength(1);
  });

  it.each([
    ['reverse_on_loss', 0],
    ['keep', 9_000],
  ])('by the policy %s is nothing until the bank has decided', async (disputes, kept) => {
    const shop = await platform({ disputes });
    const order = await paidOrder(shop, cabin);
    const id = await disputeOrder(shop, order);
    await shop.orderIn(order.order, 'disputed');
    await untilQuiet(shop);
    expect((await disputeUntil(shop, id, () => true)).movements).toEqual([]);
    await decide(shop, id, 'losing_evidence');
    await disputeUntil(shop, id, ({ status }) => status === 'lost');
    if (kept === 0) await disputeUntil(shop, id, moved(REVERSAL));
    await untilQuiet(shop);
    expect(await totalOf(shop, shop.ann.account)).toBe(kept);
  });
});

describe('a dispute that is won before the money was taken', () => {
  it('takes nothing when the seller had too little until then', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin);
    const { account } = shop.ann;
    await shop.stripe.payouts.create({ amount: 9_000, currency: 'usd' }, { stripeAccount: account });
    const id = await disputeOrder(shop, order);
    const waiting = await disputeUntil(shop, id, ({ movements: [first] }) => !!first?.error_code);
    expect(waiting.movements).toMatchObject([{ status: 'planned', error_code: 'balance_insufficient' }]);
    await decide(shop, id, 'winning_evidence');
    await shop.orderIn(order.order, 'fulfilled');
    expect((await disputeUntil(shop, id, ({ status }) => status === 'won')).movements).toEqual([]);
    expect(await totalOf(shop, account)).toBe(0);
  });

  it('gives it back when the taking is only heard of afterwards', async () => {
    const shop = await platform();
    const order = await paidOrder(shop, cabin);
    // Stripe does it, and each of the two answers is lost.
    shop.simulator.faults.add({ kind: 'reset_after', match: '/reversals', times: 2 });
    const id = await disputeOrder(shop, order);
    await disputeUntil(shop, id, ({ movements: [first] }) => !!first?.error_code);
    expect(await totalOf(shop, shop.ann.account)).toBe(0);
    await decide(shop, id, 'winning_evidence');
    const won = await disputeUntil(shop, id, ({ status }) => status === 'won');
    expect(won.movements).toMatchObject([{ purpose: REVERSAL, status: 'planned' }]);
    await database.sql`update quittance.movement set run_at = now() where status = 'planned'`;
    await database.sql`select graphile_worker.add_job('quittance.sweep_movements')`;
    await disputeUntil(shop, id, moved(RETRANSFER));
    expect(await totalOf(shop, shop.ann.account)).toBe(9_000);
  });
});

it('a dispute of a direct charge is the seller’s: recorded, and nothing is taken back', async () => {
  const shop = await platform();
  const order = await paidOrder(shop, { items: [{ id: 'tent' }] });
  const before = await totalOf(shop, shop.bob.account);
  const id = await disputeOrder(shop, order);
  const found = await disputeUntil(shop, id, () => true);
  expect(found).toMatchObject({ account: shop.bob.account, order: order.order, movements: [] });
  await shop.orderIn(order.order, 'disputed');
  expect(await totalOf(shop, shop.bob.account)).toBe(before - 2_000 - DISPUTE_FEE);
  expect((await alarms('dispute_opened', id))[0]?.detail).toContain(shop.bob.account);
  await decide(shop, id, 'winning_evidence', shop.bob.account);
  await shop.orderIn(order.order, 'fulfilled');
  expect(await totalOf(shop, shop.bob.account)).toBe(before);
});

async function chargeOf(shop: DisputedPlatform, order: Ordered): Promise<{ transfer: string }> {
  const { latest_charge } = await intentOf(shop, await wholeOrderOf(shop, order));
  return { transfer: idOf(latest_charge.transfer) };
}

const alarms = (code: string, subject: string): ReturnType<typeof alarmsOf> =>
  alarmsOf(database.sql, code, subject);
