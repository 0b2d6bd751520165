import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { enqueueOn } from '../../src/jobs/enqueue.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { CARD, deliverTo, pay, stripeOf, visitSuccess } from '../support/buyer.ts';
import { control } from '../simulator/support/simulator.ts';
import { CATALOGUE, orderOf, sharesOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';

const CHARGE = expect.stringMatching(/^(ch|py)_/) as string;

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

/** A market that hears of payments only from the success page. */
async function openTown(): Promise<Marketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  const market = await runMarketplace(
    { url, sql: database.sql },
    { products: CATALOGUE },
    { redirectWaitMs: 0 },
  );
  market.simulator.faults.add({ kind: 'drop' });
  await readySeller(market, 'ann');
  await readySeller(market, 'bob');
  return market;
}

describe('money that went back', () => {
  it('in part keeps the standing; the rest makes the order refunded', async () => {
    const town = await openTown();
    const made = await orderOf(town, { items: [{ id: 'cabin' }] });
    await pay(made);
    await visitSuccess(town, made);
    const { payment_intent } = await wholeOrderOf(town, made);
    const part = { payment_intent: payment_intent ?? '', reverse_transfer: true, amount: 2_500 };
    town.simulator.faults.clear();
    await town.stripe.refunds.create(part);
    await until(async () => (await wholeOrderOf(town, made)).refunded === 2_500, 'the refund');
    expect((await wholeOrderOf(town, made)).status).toBe('fulfilled');
    await town.stripe.refunds.create({ payment_intent: payment_intent ?? '', reverse_transfer: true });
    await town.orderIn(made.order, 'refunded');
  });

  it.each([
    ['fulfilled', 'fulfilled'],
    ['never fulfilled', 'review'],
  ])('and came again, since its refund failed, gives back an order that was %s', async (life, after) => {
    const town = await openTown();
    const made = await orderOf(town, { items: [{ id: 'coffee' }] });
    await pay(made, { ...CARD, number: '4000000000005126' });
    if (life === 'fulfilled') await visitSuccess(town, made);
    const session = await town.stripe.checkout.sessions.retrieve(made.session);
    await town.stripe.refunds.create({ payment_intent: session.payment_intent as string });
    const { data } = await town.stripe.events.list({ type: 'charge.refunded' });
    await deliverTo(town, ...data);
    await town.orderIn(made.order, 'refunded');
    await town.advance(60);
    await visitSuccess(town, made);
    expect(await wholeOrderOf(town, made)).toMatchObject({ status: after, refunded: 0 });
    expect(await town.fulfilments(made.order)).toBe(life === 'fulfilled' ? 1 : 0);
  });

  it('by a dispute comes again when that was won, and is delivered then if it was not before', async () => {
    const town = await openTown();
    const made = await orderOf(town, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await pay(made, { ...CARD, number: '4000000000000259' });
    await visitSuccess(town, made);
    expect(await wholeOrderOf(town, made)).toMatchObject({ status: 'disputed', charge: CHARGE });
    // Nobody knows yet who is to have it.
    expect(await sharesOf(town, made)).toMatchObject([{ transfer: null }, { transfer: null }]);
    expect(await database.sql`select from quittance.movement where purpose = 'split'`).toEqual([]);
    expect(await town.fulfilments(made.order)).toBe(0);
    await database.sql`update quittance.orders set dispute_state = 'won' where id = ${made.order}`;
    await visitSuccess(town, made);
    expect((await wholeOrderOf(town, made)).status).toBe('fulfilled');
    await until(
      async () => (await sharesOf(town, made)).every(({ transfer }) => transfer !== null),
      'the transfers',
    );
  });
});
describe('transfers that nobody has asked Stripe for yet', () => {
  it('are planned anew with what a refund leaves, and not at all when it leaves nothing', async () => {
    await database.pool.query('truncate quittance.seller cascade');
    const simulator = await startSimulator({ port: 0, redirectWaitMs: 0 });
    onTestFinished(() => simulator.close());
    const options = {
      stripeSecretKey: STRIPE_KEY,
      stripeApiBase: simulator.url,
      products: CATALOGUE,
      // So the order stays paid, and its page settles again whenever it is opened.
      fulfil: () => Promise.reject(new Error('not today')),
    };
    // Nobody works: what is planned waits.
    const shop = await runQuittance(url, options, { work: false });
    const stripe = stripeOf(simulator);
    const place = { stripe, sql: database.sql };
    await readySeller(place, 'ann');
    await readySeller(place, 'bob');
    const cart = await orderOf(shop, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await pay(cart);
    await visitSuccess(shop, cart);
    const planned = async (): Promise<number[]> => {
      const rows = await database.sql<{ amount: number }>`
        select amount from quittance.movement where order_id = ${cart.order} order by amount`;
      return rows.map(({ amount }) => amount);
    };
    expect(await planned()).toEqual([4_850, 9_000]);
    const { payment_intent } = await wholeOrderOf(shop, cart);
    const giveBack = async (amount?: number): Promise<void> => {
      await stripe.refunds.create({ payment_intent: payment_intent ?? '', ...(amount ? { amount } : {}) });
      await visitSuccess(shop, cart);
    };
    await giveBack(5_002);
    expect(await planned()).toEqual([3_233, 6_000]);
    await giveBack(1);
    expect(await planned()).toEqual([3_233, 6_000 - 1]);
    await giveBack();
    expect(await planned()).toEqual([]);
    expect((await wholeOrderOf(shop, cart)).status).toBe('refunded');
    expect(await sharesOf(place, cart)).toMatchObject([{ withheld: 9_000 }, { withheld: 4_850 }]);
  });
});

describe('a seller who falls between the payment and its transfer', () => {
  it('is paid their share when they may be paid again', async () => {
    const town = await openTown();
    const made = await orderOf(town, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    const ann = (await sharesOf(town, made)).find(({ reference }) => reference === 'ann');
    // Stripe has taken the transfers from the account and told nobody yet.
    const { id: account } = await town.stripe.accounts.create({
      country: 'US',
      controller: {
        fees: { payer: 'application' },
        losses: { payments: 'application' },
        stripe_dashboard: { type: 'express' },
      },
      capabilities: { transfers: { requested: true } },
    });
    await town.sql`update quittance.seller set account = ${account} where reference = 'ann'`;
    expect(await pay(made)).toBe(true);
    await visitSuccess(town, made);
    const split = async (): Promise<{ id: string; status: string; error_code: string | null } | undefined> =>
      (
        await town.sql<{ id: string; status: string; error_code: string | null }>`
          select id, status, error_code from quittance.movement
          where order_id = ${made.order} and params ->> 'destination' = ${account}`
      )[0];
    const waiting = await until(async () => {
      const found = await split();
      return found?.error_code ? found : null;
    }, 'Stripe to refuse the transfer');
    expect(waiting).toMatchObject({
      status: 'planned',
      error_code: 'insufficient_capabilities_for_transfer',
    });
    // Control: the other seller has theirs.
    const shares = await until(async () => {
      const all = await sharesOf(town, made);
      return all.some(({ reference, transfer }) => reference === 'bob' && transfer !== null) && all;
    }, 'the transfer to bob');
    expect(shares.find(({ reference }) => reference === 'ann')?.transfer).toBeNull();
    await control(town.simulator, 'POST', `accounts/${account}/onboard`);
    // The hour is over.
    await town.sql`update quittance.movement set run_at = now() where id = ${waiting.id}`;
    await enqueueOn(town.sql)('quittance.sweep_movements');
    await until(async () => (await split())?.status === 'done', 'the transfer to ann');
    const { data } = await town.stripe.transfers.list({ destination: account });
    expect(data.map(({ amount }) => amount)).toEqual([(ann?.amount ?? 0) - (ann?.fee ?? 0)]);
  });
});
