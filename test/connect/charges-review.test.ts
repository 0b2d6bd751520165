import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { pay, visitSuccess } from '../support/buyer.ts';
import { CATALOGUE, orderOf, wholeOrderOf, type Ordered } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace, type Marketplace, type TestSeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';

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
