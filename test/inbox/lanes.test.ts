import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Handler } from '../../src/inbox/handlers.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { freshDatabase } from '../support/database.ts';
import {
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  putEvents,
  record,
  untilDone,
} from '../support/effects.ts';
import { runQuittance, type Running } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { stripeCalls } from '../support/stripe-log.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

async function withStripe(
  declare: (running: Running['quittance']) => unknown,
): Promise<Running & { simulator: Simulator }> {
  const simulator = await startSimulator({ port: 0 });
  onTestFinished(() => simulator.close());
  const running = await runQuittance(url, {
    stripeSecretKey: STRIPE_KEY,
    stripeApiBase: simulator.url,
    drain: { backoff: () => 0.01 },
    declare,
  });
  return { ...running, simulator };
}

/** Asks Stripe for the event's customer, who need not exist, and writes down that it ran. */
const asking: Handler = async (context) => {
  await context.stripe.customers.retrieve(String(context.object.id)).catch(() => {});
  return record(context);
};

async function lanesOf(events: readonly { id: string }[]): Promise<number[]> {
  const rows = await database.sql<{ lane: number }>`
    select w.lane from quittance.work w join quittance.event e on e.seq = w.seq
    where e.id = any (${events.map(({ id }) => id)}::text[])`;
  return rows.map(({ lane }) => lane);
}

describe('the lane for slow work', () => {
  it('takes over at the first use of `stripe`, and what had been written is written once', async () => {
    const [pure, reading] = [
      eventsApart(20, 'cus_pure'),
      eventsApart(5, 'cus_reading', { type: 'customer.created' }),
    ];
    const attempts = new Map<string, number>();
    const { simulator } = await withStripe((quittance) =>
      quittance.on('customer.updated', record).on('customer.created', async (context) => {
        attempts.set(context.event.id, (attempts.get(context.event.id) ?? 0) + 1);
        await record(context);
        await context.stripe.customers.retrieve(String(context.object.id)).catch(() => {});
      }),
    );
    await putEvents(database, [...pure, ...reading]);
    await untilDone(database, [...pure, ...reading]);
    expect(await effectsOf(database, pure)).toHaveLength(20);
    expect(await effectsOf(database, reading)).toHaveLength(5);
    expect(await stripeCalls(simulator, 'GET /v1/customers/cus_reading_')).toHaveLength(5);
    // Not a failure: nothing is counted against them.
    expect(await database.sql`select from quittance.failure`).toEqual([]);
    // Control: the first attempts really were made in the wide lane and undone.
    expect(Math.max(...attempts.values())).toBeGreaterThan(1);

    // From then on events of this type go there at once, stored here as well as taken from the list.
    attempts.clear();
    const next = eventsApart(5, 'cus_next', { type: 'customer.created' });
    await putEvents(database, next);
    await untilDone(database, next);
    expect([...attempts.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it('takes over when the handler swallows what `stripe` threw, or throws another error', async () => {
    const events = [eventOf('cus_swallow'), eventOf('cus_other_error', { type: 'customer.created' })];
    const { simulator } = await withStripe((quittance) =>
      quittance
        .on('customer.updated', async (context) => {
          try {
            await context.stripe.customers.retrieve('cus_swallowed').catch(() => {});
          } catch {
            // This handler believes that Stripe is away.
          }
          return record(context);
        })
        .on('customer.created', async (context) => {
          try {
            await context.stripe.customers.retrieve('cus_wrapped').catch(() => {});
          } catch (cause) {
            throw new Error('no customer', { cause });
          }
          return record(context);
        }),
    );
    await putEvents(database, events);
    await untilDone(database, events);
    expect(await effectsOf(database, events)).toHaveLength(2);
    expect(await stripeCalls(simulator, 'GET /v1/customers/cus_swallowed')).toHaveLength(1);
    expect(await stripeCalls(simulator, 'GET /v1/customers/cus_wrapped')).toHaveLength(1);
    expect(await database.sql`select from quittance.failure`).toEqual([]);
  });

  it('takes over at the first use of `nested`, whose failure can be caught there', async () => {
    const event = eventOf('cus_nested');
    await withStripe((quittance) =>
      quittance.on('customer.updated', async (context) => {
        const { nested, sql } = context;
        await nested(async () => {
          await record(context);
          await sql`select 1 / 0`;
        }).catch(() => {});
        await record({ ...context, object: { ...context.object, note: 'kept' } });
      }),
    );
    await putEvents(database, [event]);
    await untilDone(database, [event]);
    expect((await effectsOf(database, [event])).map(({ note }) => note)).toEqual(['kept']);
  });

  it('keeps the order of an object whose events are of both kinds', async () => {
    const mixed = Array.from({ length: 40 }, (_, index) =>
      eventOf('cus_mixed', { type: index % 3 === 1 ? 'customer.created' : 'customer.updated' }),
    );
    const { quittance } = await withStripe((made) =>
      made.on('customer.updated', record).on('customer.created', asking),
    );
    for (const event of mixed) {
      await putEvents(database, [event]);
      quittance.wake();
    }
    await untilDone(database, mixed);
    expect((await effectsOf(database, mixed)).map(({ event }) => event)).toEqual(mixed.map(({ id }) => id));
  });

  it('fifty events of one object cost one read of Stripe', async () => {
    const fifty = Array.from({ length: 50 }, () => eventOf('cus_fifty'));
    await putEvents(database, fifty);
    await database.sql`update quittance.work set lane = 1 where key = '/test/cus_fifty'`;
    const { simulator } = await withStripe((quittance) =>
      quittance.on('customer.updated', asking, { lane: 'stripe' }),
    );
    await untilDone(database, fifty);
    expect(await effectsOf(database, fifty)).toHaveLength(50);
    // That there is no such customer is an answer as well.
    expect(await stripeCalls(simulator, 'GET /v1/customers/cus_fifty')).toHaveLength(1);

    const real = (await (
      await fetch(`${simulator.url}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${STRIPE_KEY}` },
      })
    ).json()) as { id: string };
    const again = Array.from({ length: 50 }, () => eventOf(real.id));
    await putEvents(database, again);
    await untilDone(database, again);
    expect(await stripeCalls(simulator, `GET /v1/customers/${real.id}`)).toHaveLength(1);
  });

  it('a type declared for it never enters the wide lane', async () => {
    const events = eventsApart(10, 'cus_declared', { type: 'customer.created' });
    let attempts = 0;
    const { post } = await withStripe((quittance) =>
      quittance.on(
        'customer.created',
        (context) => {
          attempts += 1;
          return asking(context);
        },
        { lane: 'stripe' },
      ),
    );
    for (const event of events) expect((await post(event)).status).toBe(200);
    await untilDone(database, events);
    expect(attempts).toBe(10);
    expect(await lanesOf(events)).toEqual([]);
  });
});
