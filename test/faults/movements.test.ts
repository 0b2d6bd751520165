import { beforeAll, describe, expect, it } from 'vitest';
import type Stripe from 'stripe';
import type { Database } from '../../src/db/database.ts';
import { FAILPOINTS, type Failpoint } from '../../src/failpoints.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { wholeOrderOf, type Ordered } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { paidOrder, runDisputedPlatform, type DisputedPlatform } from '../support/dispute.ts';
import { until } from '../support/quittance.ts';
import { askRefund, movedFor } from '../support/refund.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { STRIPE_KEY } from '../support/shop.ts';

const PLACES = FAILPOINTS.filter((name) => name.startsWith('movement.'));
const CART = { items: [{ id: 'cabin' }, { id: 'boat' }, { id: 'coffee' }] };
const PAID = 15_355;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

interface PaidCart extends Ordered {
  intent: string;
}

/** Carts that are paid and shared out, one for each place, by a server that has stopped. */
async function paidCarts(shop: DisputedPlatform): Promise<Map<Failpoint, PaidCart>> {
  const carts = new Map<Failpoint, PaidCart>();
  for (const place of PLACES) {
    const order = await paidOrder(shop, CART);
    await movedFor(shop, order, { purpose: 'split', times: 2 });
    const { payment_intent: intent } = await wholeOrderOf(shop, order);
    carts.set(place, { ...order, intent: intent ?? '' });
  }
  await shop.stop();
  return carts;
}

/** What Stripe has of an order: what was given back, and what was taken from each seller for it. */
async function atStripe(
  stripe: Stripe,
  { order, intent }: PaidCart,
): Promise<{ refunds: number[]; taken: number[] }> {
  const refunds = await stripe.refunds.list({ payment_intent: intent });
  const transfers = await stripe.transfers.list({ transfer_group: order });
  return {
    refunds: refunds.data.map(({ amount }) => amount),
    taken: transfers.data.flatMap(({ reversals }) => reversals.data.map(({ amount }) => amount)),
  };
}

describe('kill -9 while a cart is refunded', () => {
  it('at each place, and of who takes it up: one refund, and of each share one reversal', async () => {
    const shop = await runDisputedPlatform({ url, sql: database.sql });
    const { stripe } = shop;
    const carts = await paidCarts(shop);
    const env = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_BASE: shop.simulator.url };
    const start = (role: 'web' | 'work', name: Failpoint, count = 1): Promise<ServerProcess> =>
      startServer({ databaseUrl: url, role, env, failpoint: { name, count } });

    await Promise.all(
      [...carts].map(async ([place, cart]) => {
        const doomed = await start('web', place);
        await doomed.ready;
        await expect(askRefund(doomed, cart)).rejects.toThrow();
        expect(await doomed.exit).toEqual({ code: null, signal: 'SIGKILL' });
        expect(doomed.reached()).toEqual([place]);
      }),
    );
    // Control: each died where it should have, and nothing was taken from a seller yet.
    const refunded = async (place: Failpoint): Promise<unknown> =>
      atStripe(stripe, carts.get(place) as PaidCart);
    expect(await refunded('movement.after_try')).toEqual({ refunds: [], taken: [] });
    expect(await refunded('movement.after_stripe')).toEqual({ refunds: [PAID], taken: [] });
    expect(await refunded('movement.after_done')).toEqual({ refunds: [PAID], taken: [] });

    // It goes on with them while it starts, so it may die before it is ready.
    const heir = await start('work', 'movement.after_stripe', 2);
    expect(await heir.exit).toEqual({ code: null, signal: 'SIGKILL' });
    // The place is never reached so often.
    await start('work', 'movement.after_stripe', 1_000);
    for (const cart of carts.values()) {
      await until(async () => {
        const all = await movementsOf(database.sql, cart.order);
        return all.length === 5 && all.every(({ status }) => status === 'done');
      }, `the refund of ${cart.order} and its reversals`);
      const { refunds, taken } = await atStripe(stripe, cart);
      expect(refunds).toEqual([PAID]);
      expect(taken.toSorted((a, b) => a - b)).toEqual([4_850, 9_000]);
    }
    const orders = await database.sql`select status, refunded from quittance.orders`;
    expect(orders).toEqual(PLACES.map(() => ({ status: 'refunded', refunded: PAID })));
  });
});
