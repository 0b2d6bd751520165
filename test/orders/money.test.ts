import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Settler } from '../../src/orders/settle.ts';
import { noFailpoints } from '../../src/failpoints.ts';
import { settleNow } from '../../src/settle-now.ts';
import { StripeClients } from '../../src/stripe/clients.ts';
import {
  copyOf,
  deliverTo,
  eventsOf,
  linkFrom,
  pay,
  runDeafShop,
  stripeOf,
  visitSuccess,
  type Link,
} from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, untilDone, untilStatus } from '../support/effects.ts';
import { until } from '../support/quittance.ts';
import { STRIPE_KEY, type Shop } from '../support/shop.ts';

const completed = 'checkout.session.completed';

let place: { url: string; sql: Database['sql'] };
let database: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  place = { url: fresh.url, sql: database.sql };
  await database.pool.query('create table public.half (order_id text)');
});

async function problemOf(link: Link): Promise<string | null> {
  const [row] = await database.sql<{ problem: string | null }>`
    select problem from quittance.orders where id = ${link.order}`;
  return row?.problem ?? null;
}

async function alarmOf(code: string, subject: string): Promise<{ detail: string; count: number }> {
  return until(async () => {
    const [row] = await database.sql<{ detail: string; count: number }>`
      select detail, count from quittance.alarm where code = ${code} and subject = ${subject}`;
    return row;
  }, `alarm ${code} of ${subject}`);
}

describe('money that does not match the order', () => {
  it.each([
    [
      'amount',
      'update quittance.orders set unit_amount = 349, amount = 349',
      'ordered for $3.49 (usd), paid $3.50 (usd)',
    ],
    ['currency', "update quittance.orders set currency = 'eur'", 'ordered for €3.50 (eur), paid $3.50 (usd)'],
  ])('another %s: under review, alarmed, never fulfilled', async (_, change, problem) => {
    const shop = await runDeafShop(place);
    const link = await linkFrom(shop);
    await database.pool.query(`${change} where id = '${link.order}'`);
    await pay(link);
    const events = await eventsOf(shop, link, completed, 'payment_intent.succeeded');
    await deliverTo(shop, ...events, ...events.map(copyOf));
    await shop.orderIn(link.order, 'review');
    expect(await problemOf(link)).toBe(problem);
    expect(await alarmOf('order_in_review', link.order)).toMatchObject({ detail: problem, count: 1 });
    // Set right meanwhile, it still waits for a person.
    await database.sql`
      update quittance.orders set unit_amount = 350, amount = 350, currency = 'usd' where id = ${link.order}`;
    const late = events.map(copyOf);
    await deliverTo(shop, ...late);
    await visitSuccess(shop, link);
    await untilDone(database, late);
    expect((await shop.order(link.order)).status).toBe('review');
    expect(await shop.fulfilments(link.order)).toBe(0);
  });

  it('a session that names an order of somebody else is refused', async () => {
    const shop = await runDeafShop(place);
    const [mine, other] = [await linkFrom(shop), await linkFrom(shop)];
    await pay(mine);
    await stripeOf(shop.simulator).checkout.sessions.update(mine.session, {
      metadata: { quittance_order: other.order },
    });
    const events = await eventsOf(shop, mine, completed);
    await deliverTo(shop, ...events);
    await untilDone(database, events);
    expect((await shop.order(other.order)).status).toBe('pending');
    expect((await shop.order(mine.order)).status).toBe('pending');
    expect(await shop.fulfilments(other.order)).toBe(0);
  });
});

describe('an order with two sessions', () => {
  async function second(shop: Shop, link: Link): Promise<Link> {
    const session = await stripeOf(shop.simulator).checkout.sessions.create({
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } } },
      ],
      success_url: 'http://localhost/',
      metadata: { quittance_order: link.order },
      payment_intent_data: { metadata: { quittance_order: link.order } },
    });
    return { order: link.order, url: session.url ?? '', session: session.id };
  }

  it('is fulfilled by the one that is paid, though the other is on record', async () => {
    const shop = await runDeafShop(place);
    const first = await linkFrom(shop);
    const other = await second(shop, first);
    await pay(other);
    const events = await eventsOf(shop, other, completed);
    await deliverTo(shop, ...events);
    expect(await shop.orderIn(first.order, 'fulfilled')).toMatchObject({ checkout_session: other.session });
    expect(await shop.fulfilments(first.order)).toBe(1);
  });

  it('found by its intent alone, too', async () => {
    const shop = await runDeafShop(place);
    const first = await linkFrom(shop);
    const other = await second(shop, first);
    await pay(other);
    await deliverTo(shop, ...(await eventsOf(shop, other, 'payment_intent.succeeded')));
    expect(await shop.orderIn(first.order, 'fulfilled')).toMatchObject({ checkout_session: other.session });
  });

  it('paid twice: fulfilled once, and somebody is told to give one payment back', async () => {
    const shop = await runDeafShop(place);
    const first = await linkFrom(shop);
    const other = await second(shop, first);
    await pay(first);
    await pay(other);
    const events = await eventsOf(shop, first, completed, 'payment_intent.succeeded');
    expect(events).toHaveLength(4);
    await deliverTo(shop, ...events);
    await untilDone(database, events);
    expect(await shop.fulfilments(first.order)).toBe(1);
    const { detail } = await alarmOf('order_paid_twice', first.order);
    expect(detail).toContain(first.session);
    expect(detail).toContain(other.session);
  });
});

describe('a fulfil that fails', () => {
  it('keeps the order paid and its own writes undone, is tried again, and fulfils once', async () => {
    let calls = 0;
    const shop = await runDeafShop(place, {
      fulfil: async (order, { sql, enqueue }) => {
        calls += 1;
        await sql`insert into public.half values (${order.id})`;
        await enqueue('mail', order.id);
        await sql`insert into public.fulfilled (order_id) values (${order.id})`;
        if (calls < 3) throw new Error(`not today, ${calls}`);
      },
      jobs: { mail: () => {} },
      drain: { backoff: (attempt) => (attempt < 2 ? 0.05 : 1) },
    });
    const link = await linkFrom(shop);
    await pay(link);
    const [event] = await eventsOf(shop, link, completed);
    if (!event) throw new Error('no event');
    await deliverTo(shop, event);
    await until(async () => calls === 2, 'the second try');
    const waiting = await until(async () => {
      const order = await shop.order(link.order);
      return (await problemOf(link)) === 'fulfil failed: Error: not today, 2' && order;
    }, 'the second failure');
    expect(waiting.status).toBe('paid');
    expect(waiting.paid_at).not.toBeNull();
    expect(await shop.fulfilments(link.order)).toBe(0);
    expect(await database.sql`select from public.half where order_id = ${link.order}`).toEqual([]);
    expect(await untilStatus(database, event, 'retrying')).toMatchObject({ attempts: 2 });

    const order = await shop.orderIn(link.order, 'fulfilled');
    expect(order.paid_at).toBe(waiting.paid_at);
    expect(await problemOf(link)).toBeNull();
    await untilDone(database, [event]);
    expect(await shop.fulfilments(link.order)).toBe(1);
    expect(await detailOf(database, event)).toMatchObject({ status: 'done', attempts: 3 });
    expect(calls).toBe(3);
  });

  it.each<[string, (sql: Database['sql']) => Promise<unknown>, RegExp]>([
    ['never returns', () => new Promise(() => {}), /^fulfil failed: QuittanceError: fulfil had not returned/],
    ['swallows a failed statement', (sql) => sql`select 1 / 0`.catch(() => {}), /transaction is aborted/],
    ['commits', (sql) => sql`commit`, /leave begin, commit and rollback out/],
  ])('that %s leaves the order paid', async (_, bad, problem) => {
    const shop = await runDeafShop(place);
    const link = await linkFrom(shop);
    await pay(link);
    const settler = new Settler({
      fulfil: (_order, { sql }) => bad(sql),
      reach: noFailpoints,
      alarm: () => {},
      fulfilSecondsMax: 0.3,
    });
    const clients = new StripeClients({ secretKey: STRIPE_KEY, apiBase: shop.simulator.url });
    const settle = settleNow({ database, settler, clients }, { account: '', livemode: false });
    expect(await settle({ session: link.session })).toMatchObject({ status: 'paid' });
    expect(await problemOf(link)).toMatch(problem);
    // The shop itself, whose fulfil works, then fulfils it.
    await deliverTo(shop, ...(await eventsOf(shop, link, completed)));
    await shop.orderIn(link.order, 'fulfilled');
    expect(await shop.fulfilments(link.order)).toBe(1);
    clients.close();
  });
});
