import type Stripe from 'stripe';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { reconcile, type ReconcileOptions } from '../../src/events/reconcile.ts';
import { noFailpoints } from '../../src/failpoints.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { stripeOf } from '../support/buyer.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, record, untilDone } from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { stripeCalls, type StripeCall } from '../support/stripe-log.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const place = await freshDatabase();
const database: Database = place.database;
await effectTable(database);

interface World {
  simulator: Simulator;
  stripe: Stripe;
  alarms: string[];
  pauses: number[];
  /** Creates customers, and so one event for each. */
  happen: (count: number) => Promise<Stripe.Event[]>;
  run: (more?: Partial<ReconcileOptions>) => ReturnType<typeof reconcile>;
}

let world: World;

beforeEach(async () => {
  await database.pool.query(`
    truncate quittance.event, quittance.work, quittance.failure, quittance.outcome, quittance.reconcile`);
  const simulator = await startSimulator({ port: 0 });
  onTestFinished(() => simulator.close());
  const stripe = stripeOf(simulator);
  const alarms: string[] = [];
  const pauses: number[] = [];
  const happen = async (count: number): Promise<Stripe.Event[]> => {
    for (let made = 0; made < count; made += 1) await stripe.customers.create({ name: `c${made}` });
    const { data } = await stripe.events.list({ limit: Math.min(count, 100) });
    return data.toReversed();
  };
  const run = (more: Partial<ReconcileOptions> = {}): ReturnType<typeof reconcile> =>
    reconcile({
      database,
      stripe,
      livemode: false,
      recognition: { livemode: false, isKnownType: () => true, isKnownVersion: () => true },
      slowTypes: [],
      clock: { now: () => simulator.clock.now() },
      random: () => 0.5,
      reach: noFailpoints,
      pause: async (ms) => void pauses.push(ms),
      alarm: (code) => alarms.push(code),
      ...more,
    });
  world = { simulator, stripe, alarms, pauses, happen, run };
});

async function stored(): Promise<{ id: string; source: string }[]> {
  return database.sql`select id, source from quittance.event order by seq`;
}

async function listings(): Promise<StripeCall[]> {
  return stripeCalls(world.simulator, 'GET /v1/events');
}

async function progress(): Promise<{ until: Date; cursor: string | null; finished: Date | null }> {
  const [row] = await database.sql<{ until: Date; cursor: string | null; finished: Date | null }>`
    select complete_until as until, cursor_event as cursor, finished_at as finished from quittance.reconcile`;
  if (!row) throw new Error('no run yet');
  return row;
}

describe('reconciling', () => {
  it('begins with the last minutes, stores what is missing, and reads them again the next time', async () => {
    await world.happen(3);
    await world.simulator.clock.advance(HOUR);
    const recent = await world.happen(4);
    const report = await world.run();
    expect(report).toMatchObject({ listed: 4, stored: 4, busy: false });
    expect(await stored()).toEqual(recent.map(({ id }) => ({ id, source: 'reconcile' })));
    // The overlap: what appears late among what has been read is found.
    await database.sql`delete from quittance.work`;
    await database.sql`delete from quittance.event where id = ${recent[1]?.id}`;
    await world.simulator.clock.advance(5 * MINUTE);
    expect(await world.run()).toMatchObject({ listed: 4, stored: 1 });
    expect(await world.run()).toMatchObject({ listed: 4, stored: 0 });
  });

  it('reads an outage of days page by page, oldest first', async () => {
    await world.happen(1);
    await world.simulator.clock.advance(HOUR);
    await world.run();
    for (let day = 0; day < 4; day += 1) {
      await world.happen(60);
      await world.simulator.clock.advance(DAY);
    }
    const before = (await listings()).length;
    expect(await world.run()).toMatchObject({ stored: 240, pages: 4 });
    const { data } = await world.stripe.events.list({ limit: 100 });
    const rows = await stored();
    expect(rows).toHaveLength(240);
    expect(rows.slice(-100).map(({ id }) => id)).toEqual(data.toReversed().map(({ id }) => id));
    const pages = (await listings()).slice(before, before + 4);
    expect(pages.map(({ params }) => Object.keys(params).toSorted())).toEqual([
      ['created', 'limit'],
      ['ending_before', 'limit'],
      ['ending_before', 'limit'],
      ['ending_before', 'limit'],
    ]);
    expect(world.alarms).toEqual([]);
  });

  it('reads everything when there is nothing older to begin behind', async () => {
    const events = await world.happen(100);
    await world.happen(30);
    expect(await world.run()).toMatchObject({ stored: 130 });
    expect((await stored())[30]?.id).toBe(events[30]?.id);
    expect(await world.run()).toMatchObject({ stored: 0 });
  });

  it('waits for a 429 and for a 500, longer each time', async () => {
    const events = await world.happen(2);
    world.simulator.faults.add({ kind: 'rate_limit', match: 'GET /v1/events', times: 2 });
    world.simulator.faults.add({ kind: 'api_error', match: 'GET /v1/events', times: 2 });
    expect(await world.run()).toMatchObject({ stored: events.length });
    expect(world.pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  it('throws when Stripe stays away, and loses no time over it', async () => {
    await world.run();
    const { until: before } = await progress();
    await world.simulator.clock.advance(HOUR);
    const events = await world.happen(3);
    const fault = world.simulator.faults.add({ kind: 'api_error', match: 'GET /v1/events' });
    await expect(world.run()).rejects.toMatchObject({ statusCode: 500 });
    expect(world.pauses).toHaveLength(5);
    expect((await progress()).until).toEqual(before);
    world.simulator.faults.clear(fault);
    await world.simulator.clock.advance(HOUR);
    expect(await world.run()).toMatchObject({ stored: events.length });
  });

  it('does not take a wrong key for a missing event', async () => {
    await world.happen(1);
    const fault = world.simulator.faults.add({
      kind: 'api_error',
      match: 'GET /v1/events',
      status: 401,
      when: 'before',
    });
    await expect(world.run()).rejects.toMatchObject({ statusCode: 401 });
    world.simulator.faults.clear(fault);
    expect(await world.run()).toMatchObject({ stored: 1 });
  });

  it('goes on behind the last page when a run was ended in the middle', async () => {
    await world.run();
    await world.happen(250);
    await world.simulator.clock.advance(HOUR);
    let pages = 0;
    const dies = (): void => {
      pages += 1;
      if (pages === 2) throw new Error('killed');
    };
    await expect(world.run({ reach: (name) => name === 'reconcile.after_page' && dies() })).rejects.toThrow(
      'killed',
    );
    const { cursor, finished } = await progress();
    const half = await stored();
    expect(half.at(-1)?.id).toBe(cursor);
    expect(half.length).toBeLessThan(250);
    const before = (await listings()).length;
    const report = await world.run();
    expect(report.stored).toBe(250 - half.length);
    expect((await listings())[before]?.params).toMatchObject({ ending_before: cursor });
    expect(await progress()).toMatchObject({ cursor: null });
    expect((await progress()).finished).not.toEqual(finished);
    expect(await stored()).toHaveLength(250);
  });

  it('keeps no place among events so young that others may still appear before them', async () => {
    await world.run();
    await world.happen(150);
    const dies = (): never => {
      throw new Error('killed');
    };
    await expect(world.run({ reach: (name) => name === 'reconcile.after_page' && dies() })).rejects.toThrow(
      'killed',
    );
    expect(await progress()).toMatchObject({ cursor: null });
    // Hours later the whole of it is read again.
    await world.simulator.clock.advance(5 * HOUR);
    expect((await world.run()).listed).toBeGreaterThanOrEqual(150);
    expect(await stored()).toHaveLength(150);
  });

  it('begins by time when Stripe has forgotten the place where it was', async () => {
    await world.happen(5);
    await world.run();
    await database.sql`update quittance.reconcile set cursor_event = 'evt_forgotten'`;
    await database.pool.query(
      'truncate quittance.event, quittance.work, quittance.failure, quittance.outcome',
    );
    expect(await world.run()).toMatchObject({ stored: 5 });
    expect(await progress()).toMatchObject({ cursor: null });
  });

  it('says so when it comes too late for Stripe to remember everything', async () => {
    await world.run();
    await world.simulator.clock.advance(29 * DAY);
    await world.run();
    expect(world.alarms).toEqual([]);
    await world.simulator.clock.advance(31 * DAY);
    await world.run();
    expect(world.alarms).toEqual(['reconcile_gap']);
    await world.run();
    expect(world.alarms).toEqual(['reconcile_gap']);
  });

  it('runs once at a time, whoever asks', async () => {
    await world.happen(10);
    world.simulator.faults.add({ kind: 'slow', match: 'GET /v1/events', ms: 300, times: 1 });
    const reports = await Promise.all([world.run(), world.run(), world.run()]);
    expect(reports.filter(({ busy }) => busy)).toHaveLength(2);
    expect(reports.reduce((sum, report) => sum + report.stored, 0)).toBe(10);
  });

  it('an event that the database refuses is stored without its names, its neighbours with theirs', async () => {
    const events = await world.happen(5);
    await database.pool.query(`
      create function refuse() returns trigger language plpgsql as $$ begin
        if new.id = '${events[2]?.id}' and new.object_id is not null then
          raise exception 'not this one' using errcode = '22P05';
        end if;
        return new;
      end $$;
      create trigger refuse before insert on quittance.event for each row execute function refuse()`);
    onTestFinished(async () => {
      await database.pool.query('drop function refuse cascade');
    });
    expect(await world.run()).toMatchObject({ stored: 5 });
    const rows = await database.sql<{ status: string; reason: string; seq: number }>`
      select o.status, o.reason from quittance.outcome o join quittance.event e on e.seq = o.seq`;
    expect(rows).toEqual([{ status: 'quarantined', reason: 'unstorable' }]);
    expect(await database.sql`select from quittance.work`).toHaveLength(4);
  });

  it('ends at once when the process stops', async () => {
    const stopping = new AbortController();
    world.simulator.faults.add({ kind: 'rate_limit', match: 'GET /v1/events' });
    const running = world.run({ pause: undefined as never, signal: stopping.signal });
    await until(async () => (await listings()).length > 0, 'the first call');
    stopping.abort();
    await expect(running).rejects.toThrow(/abort/i);
  });
});

describe('case 37: the reconciler and the webhook bring the same events', () => {
  it("at the same time: one row and one effect each, and Stripe's repeats are answered with 200", async () => {
    const { post, quittance } = await runQuittance(place.url, {
      stripeSecretKey: STRIPE_KEY,
      stripeApiBase: world.simulator.url,
      handlers: { 'customer.created': record },
      clock: { now: () => world.simulator.clock.now() },
    });
    for (let round = 0; round < 5; round += 1) {
      const events = await world.happen(40);
      const deliveries = events.map((event) => post(event));
      const [answers] = await Promise.all([
        Promise.all(deliveries),
        world.run(),
        quittance.reconcile().catch(() => {}),
      ]);
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      await untilDone(database, events);
      expect(
        (await Promise.all(events.map((event) => post(event)))).every(({ status }) => status === 200),
      ).toBe(true);
      await untilDone(database, events);
      const effects = await effectsOf(database, events);
      expect(effects.map(({ event }) => event).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    }
    const rows = await stored();
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    // Control: both ways did bring some of them first.
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['webhook', 'reconcile']));
  });
});

describe('the timetable', () => {
  it('holds the reconciler and the sweep, every five minutes, when there is a key', async () => {
    const schema = async (): Promise<unknown[]> =>
      database.sql`select identifier from graphile_worker._private_known_crontabs order by identifier`;
    await database.sql`delete from graphile_worker._private_known_crontabs`;
    await runQuittance(place.url);
    expect(await schema()).toEqual([]);
    await runQuittance(place.url, { stripeSecretKey: STRIPE_KEY, stripeApiBase: world.simulator.url });
    const rows = await until(async () => {
      const found = await schema();
      return found.length > 0 && found;
    }, 'the timetable');
    expect(rows).toEqual([
      { identifier: 'quittance.reconcile */5 * * * *' },
      { identifier: 'quittance.sweep_orders */5 * * * *' },
    ]);
  });
});
