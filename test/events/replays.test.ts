import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { giveUp } from '../../src/inbox/outcome.ts';
import { freshDatabase } from '../support/database.ts';
import { effectsOf, effectTable, eventsApart, putEvents, record, untilDone } from '../support/effects.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

let url: string;
let database: Database;
let running: Running;
let isMended = false;

// Every event of the type `plan.created` is a dead letter until the shop is mended.
const options = {
  handlers: {
    'customer.updated': record,
    'plan.created': async (context: Parameters<typeof record>[0]) => {
      return isMended ? record(context) : giveUp('not yet');
    },
  },
};

interface Run {
  id: string;
  status: string;
  total: number;
  queued: number;
  skipped: Record<string, number>;
}

interface Answer {
  status: number;
  body: { count: number; run: Run; code?: string; field?: string };
}

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
  running = await runQuittance(url, options);
});

async function start(body: object): Promise<Answer> {
  const answer = await running.api('/api/replays', { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

async function runOf(id: string): Promise<Run> {
  return (await (await running.api(`/api/replays/${id}`)).json()) as Run;
}

function ended(id: string): Promise<Run> {
  return until(async () => {
    const run = await runOf(id);
    return run.status !== 'running' && run;
  }, 'the run to end');
}

describe('POST /api/replays', () => {
  it.each([
    ['no filter', { filter: {} }, 'filter'],
    ['the mode alone', { filter: { livemode: true } }, 'filter'],
    ['what is done, without force', { filter: { status: 'done' } }, 'force'],
    ['too many a second', { filter: { status: 'dead' }, per_second: 1_001 }, 'per_second'],
  ])('refuses %s', async (_, body, field) => {
    expect(await start(body)).toMatchObject({ status: 400, body: { code: 'invalid_request', field } });
  });

  it('counts first, and then runs the dead letters of a type again', async () => {
    const events = eventsApart(12, 'cus_dead', { type: 'plan.created' });
    const others = eventsApart(3, 'cus_fine');
    await putEvents(database, [...events, ...others]);
    await untilDone(database, [...events, ...others]);
    isMended = true;
    const filter = { type: 'plan.*' };
    const counted = await start({ filter, dry_run: true });
    expect(counted).toEqual({ status: 200, body: { count: 12, is_more: false, run: null } });
    expect(await effectsOf(database, events)).toEqual([]);
    const begun = await start({ filter, per_second: 1000 });
    expect(begun.status).toBe(202);
    const run = await ended(begun.body.run.id);
    expect(run).toMatchObject({ status: 'done', total: 12, queued: 12, skipped: {} });
    await untilDone(database, events);
    expect(await effectsOf(database, events)).toHaveLength(12);
    // Control: what was done is not done again.
    expect(await effectsOf(database, others)).toHaveLength(3);
    expect(await start({ filter })).toMatchObject({ status: 409, body: { code: 'nothing_to_replay' } });
    const { data } = (await (await running.api('/api/replays')).json()) as { data: Run[] };
    expect(data.map(({ id }) => id)).toEqual([run.id]);
    const audit = await database.sql`
      select action, outcome, detail -> 'dry_run' as dry from quittance.audit
      where outcome is not null order by seq`;
    expect(audit.slice(-3)).toEqual([
      { action: 'startReplay', outcome: 'done', dry: true },
      { action: 'startReplay', outcome: 'done', dry: false },
      { action: 'startReplay', outcome: 'nothing_to_replay', dry: false },
    ]);
  });

  it('takes its time, is one for each filter, and can be stopped', async () => {
    const from = new Date().toISOString();
    const events = eventsApart(30, 'cus_slow');
    await putEvents(database, events);
    await untilDone(database, events);
    const order = { filter: { type: 'customer.updated', from }, force: true };
    const begun = await start({ ...order, per_second: 5 });
    expect(begun.status).toBe(202);
    const { id } = begun.body.run;
    expect(await start(order)).toMatchObject({ status: 409, body: { code: 'replay_running', run: id } });
    await until(async () => (await runOf(id)).queued > 0, 'the first to be queued');
    const cancel = await running.api(`/api/replays/${id}/cancel`, { method: 'POST' });
    expect(await cancel.json()).toMatchObject({ id, status: 'canceled' });
    const again = await running.api(`/api/replays/${id}/cancel`, { method: 'POST' });
    expect(await again.json()).toMatchObject({ code: 'replay_over' });
    await untilDone(database, events);
    const { queued } = await runOf(id);
    expect(queued).toBeLessThan(25);
    expect(await effectsOf(database, events)).toHaveLength(30 + queued);
  });

  it('goes on where it stood after its process ended, and puts back each event once', async () => {
    const events = eventsApart(60, 'cus_kept', { type: 'plan.created' });
    await putEvents(database, events);
    await untilDone(database, events);
    const filter = { type: 'plan.created', from: new Date(Date.now() - 3_600_000).toISOString() };
    const begun = await start({ filter: { ...filter, object: null }, force: true, per_second: 60 });
    const { id } = begun.body.run;
    await until(async () => (await runOf(id)).queued > 5, 'some to be queued');
    await running.stop();
    running = await runQuittance(url, options);
    const run = await ended(id);
    expect(run).toMatchObject({ status: 'done', total: 72, queued: 72 });
    await untilDone(database, events);
    expect(await effectsOf(database, events)).toHaveLength(120);
  });
});
