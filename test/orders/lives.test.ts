import type Stripe from 'stripe';
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
  type Link,
} from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { untilDone } from '../support/effects.ts';
import { Seeded } from '../support/seeded.ts';
import type { Shop } from '../support/shop.ts';

const SEEDS = Array.from({ length: 24 }, (_, index) => 32_000 + index);

let place: { url: string; sql: Database['sql'] };
let database: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  place = { url: fresh.url, sql: database.sql };
});

/** What our order has to be, told by Stripe's own objects and nothing of ours. */
async function truth(shop: Shop, { session: id }: Link): Promise<string> {
  const session = await stripeOf(shop.simulator).checkout.sessions.retrieve(id, {
    expand: ['payment_intent.latest_charge'],
  });
  const intent = session.payment_intent as Stripe.PaymentIntent | null;
  const charge = intent?.latest_charge as Stripe.Charge | null | undefined;
  if (session.payment_status !== 'unpaid') {
    if (charge?.refunded) return 'refunded';
    return charge?.disputed ? 'disputed' : 'fulfilled';
  }
  if (session.status === 'expired') return 'expired';
  if (intent?.last_payment_error) return 'failed';
  return session.status === 'complete' ? 'processing' : 'pending';
}

async function statusOf({ order }: Link): Promise<string | undefined> {
  const [row] = await database.sql<{
    status: string;
  }>`select status from quittance.orders where id = ${order}`;
  return row?.status;
}

/** The events that say something of an order. */
function telling(shop: Shop, link: Link): Promise<Stripe.Event[]> {
  return eventsOf(
    shop,
    link,
    'checkout.session.completed',
    'checkout.session.expired',
    'checkout.session.async_payment_succeeded',
    'checkout.session.async_payment_failed',
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'charge.refunded',
  );
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, at) => at !== index)).map((rest) => [item, ...rest]),
  );
}

function shuffled<T>(items: readonly T[], random: Seeded): T[] {
  const keyed = items.map((item) => ({ item, place: random.fraction() }));
  return keyed.toSorted((a, b) => a.place - b.place).map(({ item }) => item);
}

describe('case 32: events of one order, all of the same second', () => {
  it('in every order, with duplicates and drops, lead to the state Stripe has', async () => {
    const shop = await runDeafShop(place);
    const link = await linkFrom(shop, { id: 'tea' });
    await pay(link, DECLINED);
    await pay(link, DEBIT_PAYS);
    await untilDebited(shop);
    const events = await telling(shop, link);
    // Declined, then on its way, then paid.
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      'checkout.session.async_payment_succeeded',
      'checkout.session.completed',
      'payment_intent.payment_failed',
      'payment_intent.succeeded',
    ]);
    const seeded = new Seeded(32);
    const orders = permutations([...events, events[0] as Stripe.Event]);
    expect(orders).toHaveLength(120);
    for (const order of orders) {
      await database.sql`
        update quittance.orders
        set status = 'pending', paid_at = null, fulfilled_at = null, problem = null, payment_intent = null
        where id = ${link.order}`;
      await database.sql`delete from public.fulfilled`;
      const dropped = seeded.fraction() < 0.5 ? seeded.below(order.length) : -1;
      const arriving = order
        .filter((_, index) => index !== dropped)
        .map((event) => ({ ...copyOf(event), created: 1_790_000_000 }));
      await deliverTo(shop, ...arriving);
      await untilDone(database, arriving);
      expect(await statusOf(link)).toBe('fulfilled');
      expect(await shop.fulfilments(link.order)).toBe(1);
    }
    expect(await truth(shop, link)).toBe('fulfilled');
  });

  it.each(SEEDS)('a life of its own (seed %i), told late, twice, in part and out of order', async (seed) => {
    const random = new Seeded(seed);
    const shop = await runDeafShop(place);
    const stripe = stripeOf(shop.simulator);
    const link = await linkFrom(shop, { id: 'tea' });
    const told = new Set<string>();
    const sent: { id: string }[] = [];
    /** Tells some of what has happened, some of it twice, in any order. */
    const tell = async (share: number): Promise<void> => {
      const news = (await telling(shop, link)).filter(({ id }) => !told.has(id));
      for (const event of shuffled(news, random)) {
        if (random.fraction() > share) continue;
        told.add(event.id);
        const twins = random.fraction() < 0.3 ? [event, copyOf(event), event] : [event];
        await deliverTo(shop, ...twins);
        sent.push(...twins);
      }
    };
    if (random.fraction() < 0.5) await pay(link, DECLINED);
    await tell(0.5);
    const ending = random.below(5);
    if (ending === 0) await stripe.checkout.sessions.expire(link.session);
    else await pay(link, ending === 1 ? DEBIT_FAILS : ending === 2 ? DEBIT_PAYS : CARD);
    await tell(0.4);
    await untilDebited(shop);
    await tell(0.4);
    const session = await stripe.checkout.sessions.retrieve(link.session);
    if (session.payment_status === 'paid' && random.fraction() < 0.4) {
      await stripe.refunds.create({ payment_intent: session.payment_intent as string });
    }
    await tell(0.4);
    // The last of them comes in the end, as Stripe repeats it until it is taken.
    const last = (await telling(shop, link)).at(-1);
    if (last) {
      const again = copyOf(last);
      await deliverTo(shop, again);
      sent.push(again);
    }
    await untilDone(database, sent);
    const expected = await truth(shop, link);
    expect(await statusOf(link)).toBe(expected);
    const fulfilments = await shop.fulfilments(link.order);
    expect(fulfilments).toBeLessThanOrEqual(1);
    expect(expected !== 'fulfilled' || fulfilments === 1).toBe(true);
    endings.add(expected);
  });

  const endings = new Set<string>();

  it('and those lives ended in different ways (control)', () => {
    expect([...endings].toSorted()).toEqual(['expired', 'failed', 'fulfilled', 'refunded']);
  });
});
