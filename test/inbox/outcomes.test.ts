import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { giveUp, ignored, retryLater } from '../../src/inbox/outcome.ts';
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
import { runQuittance } from '../support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

// What one test leaves waiting is none of the next one's business.
afterEach(() => database.sql`delete from quittance.work`);

/** Writes, and then says what of the event. */
function says(...answers: unknown[]): typeof record {
  let call = 0;
  return async (context) => {
    await record(context);
    return answers[Math.min(call++, answers.length - 1)] as void;
  };
}

async function reasonOf(event: { id: string }): Promise<unknown> {
  const [row] = await database.sql`
    select o.status, o.reason from quittance.outcome o
    join quittance.event e on e.seq = o.seq where e.id = ${event.id}`;
  return row;
}

describe('what a handler says of an event', () => {
  it('nothing, or anything that is no outcome, means done', async () => {
    const answers = [undefined, null, 0, 'ignored', { kind: 'strange' }, { why: 'no kind' }, []];
    for (const [index, answer] of answers.entries()) {
      const event = eventOf(`cus_done_${index}`);
      const { stop } = await runQuittance(url, { handlers: { 'customer.updated': says(answer) } });
      await putEvents(database, [event]);
      await untilStatus(database, event, 'done');
      expect(await reasonOf(event)).toBeUndefined();
      await stop();
    }
  });

  it('ignored counts as done, with its reason and its writes kept', async () => {
    const event = eventOf('cus_ignored');
    await putEvents(database, [event]);
    const strange = 'not \0 for us';
    await runQuittance(url, { handlers: { 'customer.updated': says(ignored(strange)) } });
    expect(await untilStatus(database, event, 'done')).toMatchObject({ attempts: 1, last_error: null });
    expect(await reasonOf(event)).toEqual({ status: 'ignored', reason: 'not � for us' });
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it('give up is a dead letter at once, with its writes kept, and the object goes on', async () => {
    const [event, next] = [eventOf('cus_give_up'), eventOf('cus_give_up')];
    await putEvents(database, [event, next]);
    await runQuittance(url, { handlers: { 'customer.updated': says(giveUp('no such thing'), undefined) } });
    await untilDone(database, [event, next]);
    expect(await detailOf(database, event)).toMatchObject({
      status: 'dead',
      attempts: 1,
      last_error: 'no such thing',
      failures: [{ attempt: 1, error: 'no such thing' }],
    });
    expect(await effectsOf(database, [event, next])).toHaveLength(2);
  });

  it('retry later keeps the writes and waits as long as was said', async () => {
    const event = eventOf('cus_retry');
    await putEvents(database, [event]);
    await runQuittance(url, { handlers: { 'customer.updated': says(retryLater('not yet', 1000)) } });
    expect(await untilStatus(database, event, 'retrying')).toMatchObject({ last_error: 'not yet' });
    const [row] = await database.sql<{ seconds: number }>`
      select extract(epoch from run_at - now())::float8 as seconds
      from quittance.work where key = '/test/cus_retry'`;
    expect(row?.seconds).toBeGreaterThan(950);
    expect(row?.seconds).toBeLessThanOrEqual(1000);
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['NaN seconds', retryLater('odd', Number.NaN)],
    ['an infinity of seconds', retryLater('odd', Number.POSITIVE_INFINITY)],
    ['negative seconds', retryLater('odd', -5)],
    ['no reason', { kind: 'retry', afterSeconds: 5 }],
    ['an object for a reason', { kind: 'give_up', why: { deep: true } }],
  ])('%s do not hold up its batch', async (name, answer) => {
    const event = eventOf(`cus_odd_${name}`.replaceAll(' ', '_'), { note: 'odd' });
    const beside = eventOf(`cus_beside_${name}`.replaceAll(' ', '_'));
    await putEvents(database, [event, beside]);
    const odd = says(answer, undefined);
    const { stop } = await runQuittance(url, {
      handlers: { 'customer.updated': (context) => (context.object.note ? odd(context) : record(context)) },
    });
    await untilDone(database, [beside]);
    const detail = await detailOf(database, event);
    expect(detail.attempts).toBeGreaterThanOrEqual(1);
    await stop();
  });

  it('one handler that retries does not repeat what those before it did', async () => {
    const event = eventOf('cus_several');
    await putEvents(database, [event]);
    const runs: string[] = [];
    const noted =
      (name: string, then: () => unknown): typeof record =>
      async (context) => {
        runs.push(name);
        await record({ ...context, object: { ...context.object, note: name } });
        return then() as void;
      };
    let calls = 0;
    const again = (): unknown => ((calls += 1) < 3 ? retryLater('soon', 0) : undefined);
    await runQuittance(url, {
      drain: { backoff: () => 0 },
      declare: (quittance) =>
        quittance
          .on(
            'customer.updated',
            noted('first', () => undefined),
          )
          .on('customer.updated', noted('second', again))
          .on(
            'customer.updated',
            noted('third', () => undefined),
          ),
    });
    await untilDone(database, [event]);
    expect(runs).toEqual(['first', 'second', 'second', 'second', 'third']);
    const notes = (await effectsOf(database, [event])).map(({ note }) => note);
    expect(notes).toEqual(['first', 'second', 'second', 'second', 'third']);
  });

  it('a handler that throws undoes what those before it wrote, and all run again', async () => {
    const event = eventOf('cus_undone');
    await putEvents(database, [event]);
    let calls = 0;
    const fail = (): void => {
      calls += 1;
      if (calls < 4) throw new Error('not now');
    };
    await runQuittance(url, {
      drain: { backoff: () => 0 },
      declare: (quittance) => quittance.on('customer.updated', record).on('customer.updated', fail),
    });
    await untilDone(database, [event]);
    expect(calls).toBe(4);
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });
});
