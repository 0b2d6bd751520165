import type Stripe from 'stripe';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { CARD, deliverTo, pay, stripeOf, visitSuccess } from '../support/buyer.ts';
import { CATALOGUE, orderOf, sharesOf, wholeOrderOf, type Ordered } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace, type Marketplace, type TestSeller } from '../support/marketplace.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';

interface Town extends Marketplace {
  ann: TestSeller;
  bob: TestSeller;
}

let database: Database;
let url: string;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

/** A market that hears of payments only from the success page. */
async function openTown(): Promise<Town> {
  await database.pool.query('truncate quittance.seller cascade');
  const market = await runMarketplace(
    { url, sql: database.sql },
    { products: CATALOGUE },
    { redirectWaitMs: 0 },
  );
  market.simulator.faults.add({ kind: 'drop' });
  const ann = await readySeller(market, 'ann');
  return { ...market, ann, bob: await readySeller(market, 'bob') };
}

type Split = Stripe.Checkout.SessionCreateParams.PaymentIntentData;

/** A session for the order that somebody has made by hand, and that takes its place. */
async function replaceSession(
  town: Town,
  { order, session, account }: Ordered,
  split: Split,
  amount: number,
): Promise<{ url: string; session: string }> {
  const metadata = { quittance_order: order };
  const other = await town.stripe.checkout.sessions.create(
    {
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: amount, product_data: { name: 'It' } } },
      ],
      success_url: 'http://localhost/',
      metadata,
      payment_intent_data: { metadata, ...split },
    },
    account ? { stripeAccount: account } : undefined,
  );
  await database.sql`
    update quittance.orders set checkout_session = ${other.id} where checkout_session = ${session}`;
  return { url: other.url ?? '', session: other.id };
}

async function alarmsOf(subject: string): Promise<string[]> {
  const rows = await database.sql<{ detail: string }>`
    select detail from quittance.alarm where code = 'order_in_review' and subject = ${subject}`;
  return rows.map(({ detail }) => detail);
}

describe('a payment that is split otherwise than agreed', () => {
  it('is under review and never fulfilled, whatever differs', async () => {
    const town = await openTown();
    const { ann, bob } = town;
    const cabin = { items: [{ id: 'cabin' }] };
    const tent = { items: [{ id: 'tent' }] };
    const cart = { items: [{ id: 'cabin' }, { id: 'boat' }] };
    const hat = { items: [{ id: 'hat' }] };
    const toAnn = { transfer_data: { destination: ann.account } };
    const cases: [string, unknown, Split, number, string][] = [
      [
        'a lower fee',
        cabin,
        { ...toAnn, application_fee_amount: 1 },
        10_000,
        'the fee was agreed as $10.00 (usd)',
      ],
      ['no fee', cabin, toAnn, 10_000, 'the fee was agreed as $10.00 (usd), Stripe made it $0.00 (usd)'],
      [
        'another seller',
        cabin,
        { transfer_data: { destination: bob.account }, application_fee_amount: 1_000 },
        10_000,
        `the receiver was agreed as ${ann.account}, Stripe made it ${bob.account}`,
      ],
      ['nobody', cabin, {}, 10_000, 'the fee was agreed'],
      [
        'a part of it',
        hat,
        { transfer_data: { destination: ann.account, amount: 100 }, on_behalf_of: ann.account },
        900,
        'the transfer was agreed as $9.00 (usd), Stripe made it $1.00 (usd)',
      ],
      ['another merchant of record', hat, toAnn, 900, 'the merchant of record was agreed as acct_'],
      ['no fee of a direct charge', tent, {}, 2_000, 'the fee was agreed as $1.50 (usd)'],
      [
        'one receiver of a cart',
        cart,
        { ...toAnn, transfer_group: 'x' },
        15_005,
        'the receiver was agreed as none',
      ],
      ['another group', cart, { transfer_group: 'x' }, 15_005, 'the transfer group was agreed as ord_'],
      [
        'a receiver of what is ours',
        { items: [{ id: 'coffee' }] },
        toAnn,
        350,
        'the receiver was agreed as none',
      ],
    ];
    for (const [name, body, split, amount, problem] of cases) {
      const made = await orderOf(town, body);
      const other = await replaceSession(town, made, split, amount);
      expect({ name, paid: await pay(other) }).toEqual({ name, paid: true });
      await visitSuccess(town, other);
      const whole = await wholeOrderOf(town, made);
      expect({ name, ...whole }).toMatchObject({
        name,
        status: 'review',
        problem: expect.stringContaining(problem),
      });
      expect(await town.fulfilments(made.order)).toBe(0);
      await until(async () => (await alarmsOf(made.order)).length === 1, `the alarm of ${name}`);
      expect(await alarmsOf(made.order)).toEqual([whole.problem]);
    }
    expect(await database.sql`select from quittance.movement`).toEqual([]);
    // Control: made by hand, but as agreed.
    const made = await orderOf(town, cabin);
    const same = await replaceSession(town, made, { ...toAnn, application_fee_amount: 1_000 }, 10_000);
    await pay(same);
    await visitSuccess(town, same);
    expect(await wholeOrderOf(town, made)).toMatchObject({ status: 'fulfilled', problem: null });
  });

  it('is over with when all of it was given back', async () => {
    const town = await openTown();
    const made = await orderOf(town, { items: [{ id: 'coffee' }] });
    const other = await replaceSession(town, made, {}, 50);
    await pay(other);
    await visitSuccess(town, other);
    const { status, payment_intent } = await wholeOrderOf(town, made);
    expect(status).toBe('review');
    await town.stripe.refunds.create({ payment_intent: payment_intent ?? '' });
    await visitSuccess(town, other);
    expect(await wholeOrderOf(town, made)).toMatchObject({ status: 'refunded', refunded: 50 });
  });
});

describe('an order of somebody else', () => {
  it('is not settled by a session on a seller’s account that names it', async () => {
    const town = await openTown();
    town.simulator.faults.clear();
    const ours = await orderOf(town, { items: [{ id: 'coffee' }] });
    const foreign = await town.stripe.checkout.sessions.create(
      {
        mode: 'payment',
        line_items: [
          { quantity: 1, price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'It' } } },
        ],
        success_url: 'http://localhost/',
        metadata: { quittance_order: ours.order },
        payment_intent_data: { metadata: { quittance_order: ours.order } },
      },
      { stripeAccount: town.bob.account },
    );
    expect(await pay({ url: foreign.url ?? '' })).toBe(true);
    const reason = await until(async () => {
      const [row] = await database.sql<{ reason: string }>`
        select reason from quittance.outcome o join quittance.event e on e.seq = o.seq
        where e.type = 'checkout.session.completed' and e.object_id = ${foreign.id}`;
      return row?.reason;
    }, 'the event');
    expect(reason).toBe('the order belongs to another account or mode');
    expect((await wholeOrderOf(town, ours)).status).toBe('pending');
  });
});

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

const CHARGE = expect.stringMatching(/^(ch|py)_/) as string;
