import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { effectTable } from '../support/effects.ts';
import { until } from '../support/quittance.ts';
import { reconciledWorld, stored, type World } from '../support/reconciled.ts';
import { stripeCalls, type StripeCall } from '../support/stripe-log.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const place = await freshDatabase();
const database: Database = place.database;
await effectTable(database);

let world: World;

beforeEach(async () => {
  world = await reconciledWorld(database);
});

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
    expect(await stored(database)).toEqual(recent.map(({ id }) => ({ id, source: 'reconcile' })));
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
    const rows = await stored(database);
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
    expect((await stored(database))[30]?.id).toBe(events[30]?.id);
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
    const half = await stored(database);
    expect(half.at(-1)?.id).toBe(cursor);
    expect(half.length).toBeLessThan(250);
    const before = (await listings()).length;
    const report = await world.run();
    expect(report.stored).toBe(250 - half.length);
    expect((await listings())[before]?.params).toMatchObject({ ending_before: cursor });
    expect(await progress()).toMatchObject({ cursor: null });
    expect((await progress()).finished).not.toEqual(finished);
    expect(await stored(database)).toHaveLength(250);
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
    expect(await stored(database)).toHaveLength(150);
  });

  it('begins by time when Stripe has forgotten the place where it was', async () => {
    await world.happen(5);
    await world.run();
    await database.sql`update quittance.reconcile set cursor_event = 'evt_forgotten'`;
    await database.pool.query(`
      truncate quittance.event, quittance.delivery, quittance.work, quittance.failure, quittance.outcome,
        quittance.sink_delivery`);
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

  it('what the database refuses is stored without its names, its neighbours with theirs', async () => {
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
