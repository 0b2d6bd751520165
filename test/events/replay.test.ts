import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { recognitionOf } from '../../src/events/recognition.ts';
import { replayEvent } from '../../src/events/replay.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  gate,
  putEvents,
  record,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { makeEvent, signBytes } from '../support/events.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

const HOUR = 3600;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

async function replay(
  { api }: Pick<Running, 'api'>,
  event: { id: string },
  body?: unknown,
): Promise<{ status: number; code?: string; body: Record<string, unknown> }> {
  const answer = await api(`/api/events/${encodeURIComponent(event.id)}/replay`, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const parsed = (await answer.json()) as Record<string, unknown> & { code?: string };
  return { status: answer.status, body: parsed, ...(parsed.code ? { code: parsed.code } : {}) };
}

/** Fails until it is told otherwise. */
function mendable(): { mend: () => void; handler: typeof record } {
  let mended = false;
  return {
    mend: () => {
      mended = true;
    },
    handler: async (context) => {
      if (!mended && context.object.note === 'poison') throw new Error('not yet');
      return record(context);
    },
  };
}

describe('POST /api/events/:id/replay', () => {
  it('runs a dead letter again, from its first attempt, its failures kept', async () => {
    const event = eventOf('cus_dead', { note: 'poison' });
    await putEvents(database, [event]);
    const { handler, mend } = mendable();
    const running = await runQuittance(url, {
      handlers: { 'customer.updated': handler },
      drain: { backoff: () => 0 },
    });
    const dead = await untilStatus(database, event, 'dead');
    mend();
    const answer = await replay(running, event);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id: event.id, payload: { id: event.id } });
    await untilStatus(database, event, 'done');
    expect(await effectsOf(database, [event])).toHaveLength(1);
    expect((await detailOf(database, event)).failures).toHaveLength(dead.failures.length);
  });

  it('runs one that waits at once, and with it what waits behind it', async () => {
    const events = [eventOf('cus_wait', { note: 'poison' }), eventOf('cus_wait'), eventOf('cus_wait')];
    await putEvents(database, events);
    const { handler, mend } = mendable();
    const running = await runQuittance(url, {
      handlers: { 'customer.updated': handler },
      drain: { backoff: () => HOUR },
    });
    const [head, second] = events as [{ id: string }, { id: string }];
    await untilStatus(database, head, 'retrying');
    mend();
    // Not its turn: it goes on waiting for the one before it.
    expect((await replay(running, second)).status).toBe(202);
    await putEvents(database, eventsApart(1, 'cus_marker'));
    await until(async () => {
      const [row] = await database.sql<{ waits: boolean }>`
        select run_at > now() + interval '30 minutes' as waits from quittance.work w
        join quittance.event e on e.seq = w.seq where e.id = ${second.id}`;
      return row?.waits;
    }, 'the second to be put off again');
    expect(await effectsOf(database, events)).toEqual([]);
    expect((await replay(running, head)).status).toBe(202);
    await untilDone(database, events);
    expect((await effectsOf(database, events)).map(({ event }) => event)).toEqual(events.map(({ id }) => id));
  });

  it('refuses one that is done, and with force really runs it again, each time', async () => {
    const event = eventOf('cus_done');
    await putEvents(database, [event]);
    const running = await runQuittance(url, { handlers: { 'customer.updated': record } });
    await untilDone(database, [event]);
    expect(await replay(running, event)).toMatchObject({ status: 409, code: 'event_already_done' });
    expect(await replay(running, event, {})).toMatchObject({ status: 409 });
    expect(await effectsOf(database, [event])).toHaveLength(1);
    for (const times of [2, 3]) {
      expect((await replay(running, event, { force: true })).status).toBe(202);
      await until(async () => (await effectsOf(database, [event])).length === times, `run ${times}`);
      await untilDone(database, [event]);
    }
  });

  it('without force never runs one twice that is done meanwhile', async () => {
    const event = eventOf('cus_race', { note: 'poison' });
    await putEvents(database, [event]);
    const [started, finish] = [gate(), gate()];
    const running = await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          await record(context);
          started.open();
          await finish.opened;
        },
      },
    });
    await started.opened;
    // Asked for while a worker has it in hand: it is in nobody's way, and not run a second time.
    expect((await replay(running, event)).status).toBe(202);
    finish.open();
    await untilDone(database, [event]);
    expect(await effectsOf(database, [event])).toHaveLength(1);
    // Looked at as dead, done by the time it would be put back.
    await database.sql`insert into quittance.outcome (seq, status, reason)
      select seq, 'dead', 'it seemed so' from quittance.event where id = ${event.id}`;
    const options = { force: false, slowTypes: [] };
    const recognition = { livemode: false, isKnownType: () => true, isKnownVersion: () => true };
    const sleepy = {
      ...database,
      transaction: (async (work) => {
        await database.sql`delete from quittance.outcome`;
        return database.transaction(work);
      }) as Database['transaction'],
    };
    expect(await replayEvent(sleepy, recognition, event.id, options)).toMatchObject({ kind: 'already_done' });
    expect(await database.sql`select from quittance.work`).toEqual([]);
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it('keeps the order of an object when many of its events are asked for at once', async () => {
    const events = Array.from({ length: 10 }, () => eventOf('cus_many'));
    await putEvents(database, events);
    const running = await runQuittance(url, { handlers: { 'customer.updated': record } });
    await untilDone(database, events);
    await running.stop();
    const again = await runQuittance(url, { handlers: { 'customer.updated': record } }, { work: false });
    for (const event of events.toReversed()) await replay(again, event, { force: true });
    await again.stop();
    const worker = await runQuittance(url, { handlers: { 'customer.updated': record } });
    await untilDone(database, events);
    const ids = events.map(({ id }) => id);
    expect((await effectsOf(database, events)).map(({ event }) => event)).toEqual([...ids, ...ids]);
    await worker.stop();
  });

  it('refuses what can not be read, and runs what could not be recognised only by force', async () => {
    const running = await runQuittance(url, { handlers: { 'customer.updated': record } });
    const odd = Buffer.from('[]');
    await running.post(odd, { 'stripe-signature': signBytes(odd) });
    const [stored] = await database.sql<{ id: string }>`
      select id from quittance.event where kind = 'unreadable' order by seq desc limit 1`;
    for (const force of [false, true]) {
      expect(await replay(running, stored as { id: string }, { force })).toMatchObject({
        status: 422,
        code: 'event_unreadable',
        body: { problem: 'not_an_object' },
      });
    }
    const unknown = makeEvent({ type: 'moon.landed', data: { object: { id: 'moon_1', note: 'x' } } });
    await running.post(unknown);
    await untilStatus(database, unknown, 'quarantined');
    expect(await replay(running, unknown)).toMatchObject({ status: 422, body: { problem: 'unknown_type' } });
    // A later deployment that knows the type needs no force.
    const later = await runQuittance(url, { handlers: { 'moon.landed': record } });
    expect((await replay(later, unknown)).status).toBe(202);
    await until(async () => (await effectsOf(database, [unknown])).length === 1, 'the moon landing');
    await untilDone(database, [unknown]);

    const other = makeEvent({ type: 'mars.landed', data: { object: { id: 'mars_1' } } });
    await running.post(other);
    expect((await replay(running, other, { force: true })).status).toBe(202);
    await untilStatus(database, other, 'done');
    const live = makeEvent({ livemode: true });
    const strict = await runQuittance(url, { stripeSecretKey: 'sk_test_of_the_suite_x' });
    await strict.post(live);
    expect(await replay(strict, live, { force: true })).toMatchObject({
      status: 422,
      body: { problem: 'livemode_mismatch' },
    });
    // Nor by the command line, which may not know the mode of the server.
    for (const mode of [null, false]) {
      const known = recognitionOf(() => true, mode);
      expect(await replayEvent(database, known, live.id, { force: true, slowTypes: [] })).toMatchObject({
        kind: 'unreadable',
        problem: 'livemode_mismatch',
      });
    }
  });

  it.each([
    ['no JSON', '{', undefined],
    ['an unknown field', '{"hard":true}', 'hard'],
    ['another type', '{"force":"yes"}', 'force'],
  ])('refuses a body that is %s', async (_, body, field) => {
    const running = await runQuittance(url);
    const answer = await running.api('/api/events/evt_x/replay', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', ...(field ? { field } : {}) });
  });

  it('answers 404 for what is not there', async () => {
    const running = await runQuittance(url);
    expect(await replay(running, { id: 'evt_nowhere' })).toMatchObject({
      status: 404,
      code: 'event_not_found',
    });
  });
});
