import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { linkFrom, pay, visitSuccess, type Link } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { askOrders, storyOf, type ToldOrder } from '../support/orders.ts';
import { runShop, STRIPE_KEY, type Shop } from '../support/shop.ts';

let sql: Database['sql'];
let shop: Shop;
let broken = false;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  ({ sql } = database);
  const options: Parameters<typeof runShop>[1] = {
    drain: { backoff: () => 0.05 },
    fulfil: async (order, { sql: write }) => {
      if (broken) throw new Error('the warehouse is closed');
      await write`insert into public.fulfilled (order_id) values (${order.id})`;
    },
  };
  shop = await runShop({ url, sql }, options, { redirectWaitMs: 0 });
});

function ask(path: string, body: unknown): Promise<ToldOrder> {
  return askOrders(shop, path, body);
}

/** An order that Stripe was paid another amount for. */
async function paidWrongly(): Promise<Link> {
  const link = await linkFrom(shop);
  await sql`update quittance.orders set amount = 400, unit_amount = 400 where id = ${link.order}`;
  await pay(link);
  await shop.orderIn(link.order, 'review');
  return link;
}

describe('a payment that is not what was ordered', () => {
  it('is looked at, and stays in review until a person takes it as it is', async () => {
    const link = await paidWrongly();
    const path = `/${link.order}/review`;
    expect(await ask(path, { note: ' ' })).toMatchObject({ http: 400, field: 'note' });
    const seen = await ask(path, { note: 'asked the buyer' });
    expect(seen).toMatchObject({
      http: 200,
      status: 'review',
      problem: 'ordered for $4.00 (usd), paid $3.50 (usd)',
    });
    expect(seen.reviewed_at).not.toBeNull();
    expect(await ask(`/${link.order}/fulfil`, {})).toMatchObject({ http: 409, code: 'order_in_review' });
    expect(await shop.fulfilments(link.order)).toBe(0);
    expect(await ask(path, { note: 'goodwill', fulfil: true })).toMatchObject({
      http: 200,
      status: 'fulfilled',
    });
    expect(await shop.fulfilments(link.order)).toBe(1);
    // Stripe still says the same of it, and that is no news.
    await visitSuccess(shop, link);
    expect(await shop.order(link.order)).toMatchObject({ status: 'fulfilled' });
    expect(await ask(path, { note: 'again' })).toMatchObject({ http: 409, code: 'order_not_in_review' });
    const acts = (await storyOf(shop, link.order)).filter(({ kind }) => kind === 'review');
    expect(acts.map(({ text, detail, by }) => [text, detail, by])).toEqual([
      ['Reviewed, left as it is', 'asked the buyer', 'API key'],
      ['Reviewed, and the payment taken as it is', 'goodwill', 'API key'],
    ]);
  });

  it('is not fulfilled when the money went back meanwhile, or never came', async () => {
    const [back, none] = [await paidWrongly(), await paidWrongly()];
    const { payment_intent } = await shop.order(back.order);
    shop.simulator.faults.add({ kind: 'drop' });
    await fetch(`${shop.simulator.url}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${STRIPE_KEY}` },
      body: new URLSearchParams({ payment_intent: payment_intent ?? '' }),
    });
    const whole = { note: 'fine', fulfil: true };
    expect(await ask(`/${back.order}/review`, whole)).toMatchObject({ http: 200, status: 'refunded' });
    await sql`update quittance.orders set charge = null where id = ${none.order}`;
    expect(await ask(`/${none.order}/review`, whole)).toMatchObject({ http: 409, code: 'order_not_paid' });
    shop.simulator.faults.clear();
    for (const { order } of [back, none]) expect(await shop.fulfilments(order)).toBe(0);
  });
});

describe('fulfilling by hand', () => {
  it('runs what failed, says why it fails, and runs twice only when that is said', async () => {
    const unpaid = await linkFrom(shop);
    expect(await ask(`/${unpaid.order}/fulfil`, {})).toMatchObject({ http: 409, code: 'order_not_paid' });
    broken = true;
    const link = await linkFrom(shop);
    shop.simulator.faults.add({ kind: 'drop' });
    await pay(link);
    const path = `/${link.order}/fulfil`;
    const failed = await ask(path, {});
    expect(failed).toMatchObject({ http: 409, code: 'fulfil_failed' });
    expect(failed.detail).toContain('the warehouse is closed');
    expect(await shop.order(link.order)).toMatchObject({ status: 'paid' });
    broken = false;
    expect(await ask(path, {})).toMatchObject({ http: 200, status: 'fulfilled', problem: null });
    expect(await ask(path, {})).toMatchObject({ http: 409, code: 'order_fulfilled' });
    expect(await shop.fulfilments(link.order)).toBe(1);
    expect(await ask(path, { again: true })).toMatchObject({ http: 200, status: 'fulfilled' });
    expect(await shop.fulfilments(link.order)).toBe(2);
    broken = true;
    expect(await ask(path, { again: true })).toMatchObject({ http: 409, code: 'fulfil_failed' });
    broken = false;
    shop.simulator.faults.clear();
    expect(await shop.fulfilments(link.order)).toBe(2);
    const texts = (await storyOf(shop, link.order)).map(({ text }) => text);
    for (const text of [
      'Could not be fulfilled',
      'Fulfilled once more',
      'Could not be fulfilled once more',
    ]) {
      expect(texts.filter((each) => each === text)).toEqual([text]);
    }
  });
});
