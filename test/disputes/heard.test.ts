import type Stripe from 'stripe';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { CARD, copyOf, deliverTo, pay } from '../support/buyer.ts';
import { intentOf, orderOf, wholeOrderOf } from '../support/cart.ts';
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
  type DisputedPlatform,
} from '../support/dispute.ts';
import { makeEvent } from '../support/events.ts';
import { pay as payDirectly } from '../simulator/support/money.ts';
import { until } from '../support/quittance.ts';

const HOUR_SECONDS = 3_600;
const DISPUTED_AT_ONCE = { ...CARD, number: '4000000000000259' };
const FRAUD_WARNING = { ...CARD, number: '4000000000005423' };

let database: Database;
let shop: DisputedPlatform;
let ahead = 0;

beforeAll(async () => {
  const place = await freshDatabase();
  ({ database } = place);
  const clock = { now: (): number => Date.now() + ahead };
  shop = await runDisputedPlatform({ url: place.url, sql: database.sql }, { clock });
});
afterEach(() => shop.simulator.faults.clear());

const alarms = (code: string, subject: string): ReturnType<typeof alarmsOf> =>
  alarmsOf(database.sql, code, subject);

describe('a card that is disputed the moment it has paid', () => {
  it('for one seller: the money is taken back as soon as there is a transfer to take it from', async () => {
    const books = await booksOf(shop);
    const order = await orderOf(shop, { items: [{ id: 'cabin' }] });
    await pay(order, DISPUTED_AT_ONCE);
    await shop.orderIn(order.order, 'disputed');
    expect(await shop.fulfilments(order.order)).toBe(0);
    const id = (await shop.stripe.disputes.list()).data[0]?.id ?? '';
    await disputeUntil(shop, id, () => true);
    // Stripe books the payment after a moment, and only then it has a transfer.
    await shop.advance(5);
    await disputeUntil(shop, id, moved('dispute_reversal'));
    expect(await books()).toMatchObject({ ann: 0 });
    await decide(shop, id, 'winning_evidence');
    await shop.orderIn(order.order, 'fulfilled');
    await disputeUntil(shop, id, moved('dispute_retransfer'));
    expect(await books()).toMatchObject({ ann: 9_000 });
  });

  it('for two sellers: nothing is shared out until it is won', async () => {
    const books = await booksOf(shop);
    const order = await orderOf(shop, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    await pay(order, DISPUTED_AT_ONCE);
    await shop.orderIn(order.order, 'disputed');
    const id = (await shop.stripe.disputes.list()).data[0]?.id ?? '';
    const dispute = await disputeUntil(shop, id, () => true);
    expect(dispute.movements).toEqual([]);
    expect((await shop.stripe.transfers.list({ transfer_group: order.order })).data).toEqual([]);
    await decide(shop, id, 'winning_evidence');
    await shop.orderIn(order.order, 'fulfilled');
    const isShared = ({ ann, bob }: Awaited<ReturnType<typeof books>>): boolean =>
      ann === 9_000 && bob === 4_850;
    await until(async () => isShared(await books()), 'the shares');
  });
});

it('thin events, and the latest event before the first, lead to the same', async () => {
  shop.simulator.faults.add({ kind: 'drop', match: 'charge.dispute' });
  const order = await paidOrder(shop, { items: [{ id: 'cabin' }] });
  const id = await disputeOrder(shop, order);
  await decide(shop, id, 'losing_evidence');
  expect((await shop.api(`/api/disputes/${id}`)).status).toBe(404);
  const { data } = await shop.stripe.events.list({ limit: 100 });
  const events = data.filter(({ type }) => type.startsWith('charge.dispute.'));
  expect(events.length).toBeGreaterThan(2);
  await deliverTo(shop, ...events, ...events.map(copyOf), ...events.toReversed().map(copyOf));
  const lost = await disputeUntil(shop, id, moved('dispute_reversal'));
  expect(lost).toMatchObject({ status: 'lost', movements: [{}] });
  const other = await disputeOrder(shop, await paidOrder(shop, { items: [{ id: 'cabin' }] }));
  await deliverTo(shop, thinOf('v1.charge.dispute.created', other));
  await disputeUntil(shop, other, moved('dispute_reversal'));
});

it('a dispute or a warning of a payment that is no order of ours is recorded and told', async () => {
  await payDirectly(shop, { payment_method: 'pm_card_createDispute' });
  const id = (await shop.stripe.disputes.list()).data[0]?.id ?? '';
  const found = await disputeUntil(shop, id, () => true);
  expect(found).toMatchObject({ order: null, amount: { value: 10_000, currency: 'usd' }, movements: [] });
  expect((await alarms('dispute_opened', id))[0]?.detail).toContain('no order of ours');
  await payDirectly(shop, { payment_method: 'pm_card_createIssuerFraudRecord' });
  const [warning] = (await shop.stripe.radar.earlyFraudWarnings.list()).data;
  const told = await until(async () => (await alarms('fraud_warning', warning?.id ?? ''))[0], 'the warning');
  expect(told.detail).toContain(`refund the charge ${warning?.charge as string}`);
});

describe('a warning of fraud', () => {
  const listed = async (query: string): Promise<Record<string, unknown>[]> => {
    const answer = await shop.api(`/api/fraud-warnings?${query}`);
    return ((await answer.json()) as { data: Record<string, unknown>[] }).data;
  };

  it('says what to do while something can be done, and then that nothing has to be', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }] }, FRAUD_WARNING);
    const found = await until(async () => (await listed(`order=${order.order}`))[0], 'the warning');
    expect(found).toMatchObject({ order: order.order, actionable: true, fraud_type: 'misc' });
    const told = await until(
      async () => (await alarms('fraud_warning', String(found['id'])))[0],
      'the alarm',
    );
    expect(told.detail).toContain(`refund order ${order.order}`);
    const whole = await wholeOrderOf(shop, order);
    await shop.stripe.refunds.create({ payment_intent: whole.payment_intent ?? '', reverse_transfer: true });
    await until(async () => (await listed(`order=${order.order}&actionable=false`))[0], 'the update');
    expect(await alarms('fraud_warning', String(found['id']))).toMatchObject([{ count: 1 }]);
  });

  it('that is heard of too late is recorded without a word', async () => {
    shop.simulator.faults.add({ kind: 'drop', match: 'early_fraud_warning' });
    const order = await paidOrder(shop, { items: [{ id: 'coffee' }] }, FRAUD_WARNING);
    const charge = (await intentOf(shop, await wholeOrderOf(shop, order))).latest_charge.id;
    await shop.stripe.refunds.create({ charge });
    const { data } = await shop.stripe.events.list({ type: 'radar.early_fraud_warning.created' });
    await deliverTo(shop, data[0] as Stripe.Event);
    const found = await until(async () => (await listed(`order=${order.order}`))[0], 'the warning');
    expect(found).toMatchObject({ actionable: false });
    expect(await alarms('fraud_warning', String(found['id']))).toEqual([]);
  });
});

describe('the deadline of a dispute', () => {
  it('is told of once for each step, and only while somebody has to answer', async () => {
    const [late, answered] = [
      await disputeOrder(shop, await paidOrder(shop, { items: [{ id: 'cabin' }] })),
      await disputeOrder(shop, await paidOrder(shop, { items: [{ id: 'cabin' }] })),
    ];
    for (const id of [late, answered]) await disputeUntil(shop, id, () => true);
    // Stripe's answer about it does not reach us, so that the row is still open.
    shop.simulator.faults.add({ kind: 'drop', match: 'charge.dispute' });
    await shop.stripe.disputes.update(answered, { evidence: { uncategorized_text: 'a letter' } });
    const look = async (hoursLeft: number): Promise<string[]> => {
      ahead = (9 * 24 - hoursLeft) * HOUR_SECONDS * 1_000;
      await runJob();
      ahead = 0;
      return (await alarms('dispute_deadline', late)).map(({ detail, count }) => `${count}: ${detail}`);
    };
    expect(await look(100)).toEqual([]);
    expect(await look(71)).toEqual([
      expect.stringMatching(/^1: less than 72 hours .*there is no evidence yet/),
    ]);
    expect(await look(70)).toEqual([expect.stringMatching(/^1: less than 72 hours/)]);
    expect(await look(23)).toEqual([expect.stringMatching(/^2: less than 24 hours/)]);
    expect(await look(22)).toHaveLength(1);
    expect(await alarms('dispute_deadline', late)).toMatchObject([{ count: 2 }]);
    expect(await alarms('dispute_deadline', answered)).toEqual([]);
    expect(await disputeUntil(shop, answered, () => true)).toMatchObject({ status: 'under_review' });
  });
});

/** Runs the hourly job and waits for its end. */
async function runJob(): Promise<void> {
  const [job] = await database.sql<{ id: string }>`
    select id::text from graphile_worker.add_job('quittance.dispute_deadlines')`;
  await until(
    async () => (await database.sql`select from graphile_worker.jobs where id = ${job?.id}`).length === 0,
    'the job',
  );
}

function thinOf(type: string, dispute: string): Stripe.Event {
  const { id } = makeEvent();
  return {
    id,
    object: 'v2.core.event',
    type,
    livemode: false,
    created: new Date().toISOString(),
    related_object: { id: dispute, type: 'dispute', url: `/v1/disputes/${dispute}` },
  } as unknown as Stripe.Event;
}
