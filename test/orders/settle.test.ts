import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import {
  CARD,
  copyOf,
  DEBIT_FAILS,
  DEBIT_PAYS,
  DECLINED,
  deliverTo,
  eventsOf,
  linkFrom,
  pay,
  runDeafShop,
  stripeOf,
  untilDebited,
  visitSuccess,
  type Link,
} from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, untilDone, untilStatus } from '../support/effects.ts';
import type { runShop, Shop } from '../support/shop.ts';

let place: { url: string; sql: Database['sql'] };
let database: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  place = { url: fresh.url, sql: database.sql };
});

const deafShop = (options: Parameters<typeof runShop>[1] = {}): Promise<Shop> => runDeafShop(place, options);

async function statusOf(link: Link): Promise<string> {
  const [row] = await database.sql<{ status: string }>`
    select status from quittance.orders where id = ${link.order}`;
  return row?.status ?? 'none';
}

const completed = 'checkout.session.completed';

describe('case 31: webhook and success page', () => {
  it('at once, fifty times: one fulfilment', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    expect(await pay(link)).toBe(true);
    const [event] = await eventsOf(shop, link, completed);
    if (!event) throw new Error('no event');
    const deliveries = Array.from({ length: 25 }, () => deliverTo(shop, copyOf(event)));
    const visits = await Promise.all(Array.from({ length: 25 }, () => visitSuccess(shop, link)));
    await Promise.all(deliveries);
    expect(new Set(visits.map(({ status }) => status))).toEqual(new Set([200]));
    await shop.orderIn(link.order, 'fulfilled');
    await untilDone(database, await eventsOf(shop, link));
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it('the page first: it fulfils, and the webhook adds nothing', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    expect(await (await visitSuccess(shop, link)).text()).toContain('data-standing="done"');
    expect(await shop.fulfilments(link.order)).toBe(1);
    const events = await eventsOf(shop, link, completed, 'payment_intent.succeeded');
    expect(events).toHaveLength(2);
    await deliverTo(shop, ...events);
    await untilDone(database, events);
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it('the webhook first, or alone: the page is not needed and adds nothing', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    await deliverTo(shop, ...(await eventsOf(shop, link, completed)));
    await shop.orderIn(link.order, 'fulfilled');
    expect((await visitSuccess(shop, link)).status).toBe(200);
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it.each(['payment_intent.succeeded', completed])('%s alone is enough', async (type) => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    const [event, ...more] = await eventsOf(shop, link, type);
    expect(more).toEqual([]);
    await deliverTo(shop, event as never);
    const order = await shop.orderIn(link.order, 'fulfilled');
    expect(order).toMatchObject({
      checkout_session: link.session,
      payment_intent: expect.stringMatching(/^pi_/),
    });
  });

  it('an event whose order is not here yet is parked, and settles when it is', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    await database.pool.query(`create table public.aside as select * from quittance.orders
      where id = '${link.order}'`);
    await database.sql`delete from quittance.orders where id = ${link.order}`;
    const [event] = await eventsOf(shop, link, completed);
    await deliverTo(shop, event as never);
    const parked = await untilStatus(database, event as never, 'retrying');
    expect(parked.last_error).toBe(`order ${link.order} is not here yet`);
    await database.sql`insert into quittance.orders select * from public.aside`;
    await shop.orderIn(link.order, 'fulfilled');
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it('money that comes later: processing, then fulfilled once', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop, { id: 'tea', quantity: 2 });
    expect(await pay(link, DEBIT_PAYS)).toBe(true);
    await deliverTo(shop, ...(await eventsOf(shop, link, completed)));
    await shop.orderIn(link.order, 'processing');
    expect(await (await visitSuccess(shop, link)).text()).toContain('data-standing="processing"');
    expect(await shop.fulfilments(link.order)).toBe(0);
    await untilDebited(shop);
    const events = await eventsOf(shop, link, 'checkout.session.async_payment_succeeded');
    expect(events).toHaveLength(1);
    await deliverTo(shop, ...events, ...events.map(copyOf));
    await shop.orderIn(link.order, 'fulfilled');
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it('money that does not come: failed, never fulfilled, and a late duplicate changes nothing', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop, { id: 'tea' });
    await pay(link, DEBIT_FAILS);
    const first = await eventsOf(shop, link, completed);
    await deliverTo(shop, ...first);
    await shop.orderIn(link.order, 'processing');
    await untilDebited(shop);
    const failed = await eventsOf(shop, link, 'checkout.session.async_payment_failed');
    expect(failed).toHaveLength(1);
    await deliverTo(shop, ...failed);
    await shop.orderIn(link.order, 'failed');
    const late = first.map(copyOf);
    await deliverTo(shop, ...late);
    await untilDone(database, late);
    expect(await statusOf(link)).toBe('failed');
    expect(await shop.fulfilments(link.order)).toBe(0);
  });

  it('a declined card is failed, and a second card pays the same order', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    expect(await pay(link, DECLINED)).toBe(false);
    await deliverTo(shop, ...(await eventsOf(shop, link, 'payment_intent.payment_failed')));
    await shop.orderIn(link.order, 'failed');
    expect(await pay(link, CARD)).toBe(true);
    await deliverTo(shop, ...(await eventsOf(shop, link, 'payment_intent.succeeded')));
    await shop.orderIn(link.order, 'fulfilled');
    expect(await shop.fulfilments(link.order)).toBe(1);
  });

  it('a session that runs out is expired', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await stripeOf(shop.simulator).checkout.sessions.expire(link.session);
    await deliverTo(shop, ...(await eventsOf(shop, link, 'checkout.session.expired')));
    await shop.orderIn(link.order, 'expired');
  });

  it('refunded before anybody heard of the payment: nothing is fulfilled', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    const stripe = stripeOf(shop.simulator);
    const session = await stripe.checkout.sessions.retrieve(link.session);
    await stripe.refunds.create({ payment_intent: session.payment_intent as string });
    await deliverTo(shop, ...(await eventsOf(shop, link, completed)));
    await shop.orderIn(link.order, 'refunded');
    expect(await shop.fulfilments(link.order)).toBe(0);
  });

  it('refunded and disputed after fulfilment: one fulfilment, whatever comes late', async () => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    const first = await eventsOf(shop, link, completed, 'payment_intent.succeeded');
    await deliverTo(shop, ...first);
    await shop.orderIn(link.order, 'fulfilled');
    const { payment_intent } = await shop.order(link.order);
    const stripe = stripeOf(shop.simulator);
    const intent = await stripe.paymentIntents.retrieve(payment_intent as string);
    await fetch(`${shop.simulator.url}/_sim/api/charges/${intent.latest_charge as string}/dispute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const [dispute] = (await stripe.events.list({ type: 'charge.dispute.created' })).data;
    await deliverTo(shop, dispute as never);
    await shop.orderIn(link.order, 'disputed');
    const late = first.map(copyOf);
    await deliverTo(shop, ...late);
    await untilDone(database, late);
    expect(await statusOf(link)).toBe('disputed');
    expect(await shop.fulfilments(link.order)).toBe(1);
    expect((await shop.order(link.order)).fulfilled_at).not.toBeNull();
  });
});

describe('case 25: two events of one change', () => {
  it.each([completed, 'payment_intent.succeeded'])('%s twice, with two ids: one fulfilment', async (type) => {
    const shop = await deafShop();
    const link = await linkFrom(shop);
    await pay(link);
    const [event] = await eventsOf(shop, link, type);
    if (!event) throw new Error('no event');
    const twins = [event, copyOf(event)];
    await Promise.all(twins.map((twin) => deliverTo(shop, twin)));
    await untilDone(database, twins);
    for (const twin of twins) expect(await detailOf(database, twin)).toMatchObject({ status: 'done' });
    expect(await shop.fulfilments(link.order)).toBe(1);
  });
});
