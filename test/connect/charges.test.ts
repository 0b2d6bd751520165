import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { linkFrom, pay, visitSuccess } from '../support/buyer.ts';
import { CATALOGUE, intentOf, orderOf, sharesOf, wholeOrderOf, type Whole } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace, type Marketplace, type TestSeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { stripeCalls } from '../support/stripe-log.ts';

interface Town extends Marketplace {
  ann: TestSeller;
  bob: TestSeller;
}

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openTown(): Promise<Town> {
  await database.pool.query('truncate quittance.seller cascade');
  const market = await runMarketplace(
    { url, sql: database.sql },
    { products: CATALOGUE },
    { redirectWaitMs: 0 },
  );
  const ann = await readySeller(market, 'ann');
  return { ...market, ann, bob: await readySeller(market, 'bob') };
}

async function bought(town: Town, body: unknown): Promise<{ order: string; session: string; whole: Whole }> {
  const made = await orderOf(town, body);
  expect(await pay(made)).toBe(true);
  await town.orderIn(made.order, 'fulfilled');
  expect(await town.fulfilments(made.order)).toBe(1);
  return { order: made.order, session: made.session, whole: await wholeOrderOf(town, made) };
}

/** The transfers are made and kept. */
async function transfersOf(town: Town, order: string): Promise<Record<string, string>> {
  const shares = await until(async () => {
    const all = await sharesOf(town, { order });
    return all.every(({ transfer }) => transfer !== null) && all;
  }, `transfers of ${order}`);
  return Object.fromEntries(shares.map(({ reference, transfer }) => [reference, transfer as string]));
}

describe('a destination charge', () => {
  it('goes to the one seller less the fee, which a buyer has no say in', async () => {
    const town = await openTown();
    const link = await linkFrom(town, { id: 'cabin', quantity: 2 });
    expect(await pay(link)).toBe(true);
    expect(await (await visitSuccess(town, link)).text()).toContain('2 × Cabin');
    await town.orderIn(link.order, 'fulfilled');
    const whole = await wholeOrderOf(town, link);
    expect(whole).toMatchObject({ charge_type: 'destination', destination: town.ann.account, fee: 2_000 });
    const { latest_charge: charge, application_fee_amount } = await intentOf(town, whole);
    expect(application_fee_amount).toBe(2_000);
    expect(whole.charge).toBe(charge.id);
    const { ann: transfer } = await transfersOf(town, link.order);
    expect(await town.stripe.transfers.retrieve(transfer ?? '')).toMatchObject({
      amount: 20_000,
      destination: town.ann.account,
      source_transaction: charge.id,
    });
    const fees = await town.stripe.applicationFees.list();
    expect(fees.data.map(({ amount, account }) => [amount, account])).toEqual([[2_000, town.ann.account]]);
  });

  it('knows yen, merchants of record, and sellers named by the order', async () => {
    const town = await openTown();
    const bath = await bought(town, { items: [{ id: 'bath', quantity: 3 }] });
    expect(bath.whole.fee).toBe(5);
    expect(await intentOf(town, bath.whole)).toMatchObject({
      amount: 999,
      currency: 'jpy',
      application_fee_amount: 5,
    });
    const hat = await bought(town, { items: [{ id: 'hat' }] });
    expect(await intentOf(town, hat.whole)).toMatchObject({
      on_behalf_of: town.ann.account,
      application_fee_amount: null,
    });
    const room = await bought(town, { items: [{ id: 'room' }], seller: 'bob', fee: { fixed: 1_234 } });
    expect(room.whole).toMatchObject({ destination: town.bob.account, fee: 1_234 });
    expect(await sharesOf(town, room)).toMatchObject([{ reference: 'bob', amount: 8_000, fee: 1_234 }]);
    // Control: without a seller the same product is the platform's own.
    const own = await bought(town, { items: [{ id: 'room' }] });
    expect(own.whole).toMatchObject({ charge_type: 'platform', destination: null, fee: 0 });
    expect(await sharesOf(town, own)).toEqual([]);
  });
});

describe('separate charges', () => {
  it('bring each seller of a cart their part once it is paid, and the platform the rest', async () => {
    const town = await openTown();
    const items = [{ id: 'cabin' }, { id: 'boat', quantity: 2 }, { id: 'coffee' }];
    const answer = await fetch(`${town.url}/api/create-payment-link`, {
      method: 'POST',
      body: JSON.stringify({ items, email: 'eve@example.com' }),
    });
    const { data } = (await answer.json()) as { data: { order_id: string; url: string } };
    expect(await pay({ url: data.url })).toBe(true);
    const order = await town.orderIn(data.order_id, 'fulfilled');
    expect(order).toMatchObject({ product: null, quantity: 4, amount: { value: 20_360, currency: 'usd' } });
    const whole = await wholeOrderOf(town, { order: order.id });
    // 1000 of the cabin; 2.5 % of 10010 is 250.25, and 30 for the line.
    expect(whole).toMatchObject({ charge_type: 'separate', destination: null, fee: 1_280 });
    const transfers = await transfersOf(town, order.id);
    const { transfer_group, application_fee_amount, latest_charge } = await intentOf(town, whole);
    expect([transfer_group, application_fee_amount]).toEqual([order.id, null]);
    const made = await town.stripe.transfers.list({ transfer_group: order.id });
    const told = made.data.map(({ id, amount, destination, source_transaction: source }) => {
      return [id, [amount, destination, source]] as const;
    });
    expect(Object.fromEntries(told)).toEqual({
      [transfers.ann ?? '']: [9_000, town.ann.account, latest_charge.id],
      [transfers.bob ?? '']: [9_730, town.bob.account, latest_charge.id],
    });
    const untouched = { withheld: 0, reversed: 0, given_again: 0 };
    expect(await wholeOrderOf(town, { order: order.id })).toMatchObject({
      shares: [
        { seller: 'ann', amount: 10_000, fee: 1_000, transfer: transfers.ann, ...untouched },
        { seller: 'bob', amount: 10_010, fee: 280, transfer: transfers.bob, ...untouched },
      ],
    });
  });

  it('of an order that was partly refunded before we heard of it transfer what is left', async () => {
    const town = await openTown();
    town.simulator.faults.add({ kind: 'drop' });
    const cart = await orderOf(town, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await pay(cart);
    const session = await town.stripe.checkout.sessions.retrieve(cart.session);
    await town.stripe.refunds.create({ payment_intent: session.payment_intent as string, amount: 5_002 });
    await visitSuccess(town, cart);
    await transfersOf(town, cart.order);
    // 5002 of 15005, of the 9000 and of the 4850 (5005 less 125 and 30) that would have been theirs.
    expect(await sharesOf(town, cart)).toMatchObject([{ withheld: 3_000 }, { withheld: 1_617 }]);
    const made = await town.stripe.transfers.list({ transfer_group: cart.order });
    expect(made.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([3_233, 6_000]);
    expect(await wholeOrderOf(town, cart)).toMatchObject({ status: 'fulfilled', refunded: 5_002 });
  });
});

describe('a direct charge', () => {
  it('is the seller’s own: made, settled and told by their account', async () => {
    const town = await openTown();
    const { order, session, whole } = await bought(town, { items: [{ id: 'tent', quantity: 2 }] });
    expect(whole).toMatchObject({ charge_type: 'direct', destination: town.bob.account, fee: 150 });
    const intent = await intentOf(town, whole, town.bob.account);
    expect(intent).toMatchObject({ amount: 4_000, application_fee_amount: 150, transfer_data: null });
    expect(await sharesOf(town, { order })).toMatchObject([{ amount: 4_000, fee: 150, transfer: null }]);
    // Control: our own account has no such session.
    const ours = town.stripe.checkout.sessions.retrieve(session);
    await expect(ours).rejects.toMatchObject({ code: 'resource_missing' });
    const refund = { payment_intent: intent.id, amount: 1_000 };
    await town.stripe.refunds.create(refund, { stripeAccount: town.bob.account });
    await until(async () => (await wholeOrderOf(town, { order })).refunded === 1_000, 'the refund');
    await town.stripe.refunds.create({ payment_intent: intent.id }, { stripeAccount: town.bob.account });
    await town.orderIn(order, 'refunded');
  });

  it('is found by the success page and by the sweep, without any webhook', async () => {
    const town = await openTown();
    town.simulator.faults.add({ kind: 'drop' });
    const first = await orderOf(town, { items: [{ id: 'tent' }] });
    expect(first.account).toBe(town.bob.account);
    await pay(first);
    expect(await (await visitSuccess(town, first)).text()).toContain('data-standing="done"');
    const second = await orderOf(town, { items: [{ id: 'tent' }] });
    await pay(second);
    await database.sql`update quittance.orders set checked_at = now() - interval '1 hour'`;
    const moved = await town.quittance.sweepOrders();
    expect(moved.map(({ id, status }) => [id, status])).toEqual([[second.order, 'fulfilled']]);
    // Control: an order of the other mode is not asked about.
    await database.sql`update quittance.orders
      set livemode = true, status = 'pending', paid_at = null, fulfilled_at = null,
          checked_at = now() - interval '1 hour'
      where id = ${second.order}`;
    expect(await town.quittance.sweepOrders()).toEqual([]);
  });

  it('of a seller for themselves is nobody’s order, and costs no read', async () => {
    const town = await openTown();
    const foreign = { stripeAccount: town.bob.account };
    const before = town.simulator.clock.now();
    await town.stripe.paymentIntents.create(
      { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true },
      foreign,
    );
    await town.settled();
    const reason = await until(async () => {
      const [row] = await database.sql<{ reason: string }>`
        select reason from quittance.outcome o join quittance.event e on e.seq = o.seq
        where e.type = 'payment_intent.succeeded' and e.account = ${town.bob.account}
          and e.created >= to_timestamp(${Math.floor(before / 1000)})
        order by e.seq desc limit 1`;
      return row?.reason;
    }, 'the event');
    expect(reason).toBe('no order of ours');
    expect(await stripeCalls(town.simulator, 'GET /v1/payment_intents')).toEqual([]);
  });
});
