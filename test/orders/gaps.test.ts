import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { retryLater } from '../../src/inbox/outcome.ts';
import { copyOf, deliverTo, eventsOf, linkFrom, pay, runDeafShop, stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  putEvents,
  record,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { makeEvent } from '../support/events.ts';
import { runQuittance } from '../support/quittance.ts';

let place: { url: string; sql: Database['sql'] };
let database: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  place = { url: fresh.url, sql: database.sql };
  await effectTable(database);
  await database.pool.query('create table public.customer (id text primary key)');
});

async function reasonOf(event: { id: string }): Promise<string | undefined> {
  const { seq } = await detailOf(database, event);
  const [row] = await database.sql<{ reason: string }>`
    select reason from quittance.outcome where seq = ${seq}`;
  return row?.reason;
}

describe('case 35: what other objects an event needs', () => {
  it.each([
    ['checkout.session.completed', { id: 'cs_test_of_nobody', object: 'checkout.session' }],
    ['payment_intent.succeeded', { id: 'pi_of_nobody', object: 'payment_intent' }],
    ['charge.refunded', { id: 'ch_x', object: 'charge', payment_intent: 'pi_of_nobody' }],
  ])('%s of an object that Stripe does not have (any more) is done with', async (type, object) => {
    const shop = await runDeafShop(place);
    const event = makeEvent({ type, data: { object } });
    expect((await shop.post(event)).status).toBe(200);
    await untilStatus(database, event, 'done');
    expect(await reasonOf(event)).toBe('no order of ours');
  });

  it.each([
    ['checkout.session.completed', {}],
    ['payment_intent.succeeded', { id: 7 }],
    ['charge.refunded', { id: 'ch_y', payment_intent: null }],
    ['charge.dispute.created', { id: 'dp_y', payment_intent: { object: 'payment_intent' } }],
  ])('%s without the id it should have is done with', async (type, object) => {
    const shop = await runDeafShop(place);
    const event = makeEvent({ type, data: { object } });
    expect((await shop.post(event)).status).toBe(200);
    await untilStatus(database, event, 'done');
    expect(await reasonOf(event)).toBe('it names no payment of Checkout');
  });

  it('events of objects that have no id are all handled, none in the way of another', async () => {
    const events = Array.from({ length: 5 }, (_, index) =>
      makeEvent({
        type: 'balance_settings.updated',
        data: { object: { object: 'balance_settings', note: `n${index}` } },
      }),
    );
    const { post } = await runQuittance(place.url, {
      handlers: {
        'balance_settings.updated': (context) => {
          if (context.object.note === 'n0') throw new Error('this one never');
          return record({ ...context, object: { ...context.object, id: 'none' } });
        },
      },
    });
    for (const event of events) expect((await post(event)).status).toBe(200);
    await untilDone(database, events.slice(1));
    expect(await effectsOf(database, events)).toHaveLength(4);
    await database.sql`delete from quittance.work`;
  });

  it.each(['id', 'expanded'])('a refund whose intent is given as %s reaches the order', async (form) => {
    const shop = await runDeafShop(place);
    const stripe = stripeOf(shop.simulator);
    const link = await linkFrom(shop);
    await pay(link);
    await deliverTo(shop, ...(await eventsOf(shop, link, 'checkout.session.completed')));
    await shop.orderIn(link.order, 'fulfilled');
    const { payment_intent: intent } = await shop.order(link.order);
    await stripe.refunds.create({ payment_intent: intent as string });
    const [event] = await eventsOf(shop, link, 'charge.refunded');
    if (!event) throw new Error('no refund');
    const sent = copyOf(event);
    const charge = { ...(sent.data.object as unknown as Record<string, unknown>) };
    expect(charge.payment_intent).toBe(intent);
    if (form === 'expanded') {
      charge.payment_intent = await stripe.paymentIntents.retrieve(intent as string);
    }
    await deliverTo(shop, { ...sent, data: { object: charge } } as never);
    await shop.orderIn(link.order, 'refunded');
  });

  it('an invoice that comes before its customer waits for it', async () => {
    const invoice = makeEvent({
      type: 'invoice.paid',
      data: { object: { id: 'in_early', object: 'invoice', customer: 'cus_late' } },
    });
    const customer = eventOf('cus_late', { type: 'customer.created' });
    await runQuittance(place.url, {
      drain: { backoff: () => 0.05 },
      handlers: {
        'customer.created': ({ object, sql }) => sql`insert into public.customer (id) values (${object.id})`,
        'invoice.paid': async (context) => {
          const known = await context.sql`
            select from public.customer where id = ${context.object.customer}`;
          return known.length === 0 ? retryLater('its customer is not here yet') : record(context);
        },
      },
    });
    await putEvents(database, [invoice]);
    expect(await untilStatus(database, invoice, 'retrying')).toMatchObject({
      last_error: 'its customer is not here yet',
    });
    await putEvents(database, [customer]);
    await untilDone(database, [customer, invoice]);
    expect(await effectsOf(database, [invoice])).toHaveLength(1);
  });
});
