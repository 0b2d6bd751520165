import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import type { Recognition } from '../../inbox/envelope.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import type { Timetable } from '../../jobs/jobs.ts';
import { putBack } from '../replay-rows.ts';
import { replayRefusal } from '../replay.ts';
import type { EventRow } from '../rows.ts';
import { listEvents } from '../search-rows.ts';
import { bodiesOf, endRun, forgottenRuns, lockRun, noteProgress, runById, type ReplayRun } from './rows.ts';
import { enqueueRun, REPLAY_JOB, statusesOf } from './start.ts';

const SWEEP_JOB = 'quittance.sweep_replays';
const EVERY_MINUTE = '* * * * *';
// A stop of the process waits for a turn, and a job that waits its turn has it soon.
const TURN_MS_MAX = 4_000;
// They lock rows of the work list together, in front of the workers.
const EVENTS_PER_STEP_MAX = 50;
const STEPS_PER_SECOND = 10;

export interface ReplayRunOptions {
  database: Database;
  recognition: Recognition;
  slowTypes: () => readonly string[];
}

/** Replays of many events, a turn at a time. One that a killed process leaves is taken up a minute later. */
export function addReplayJobs({ job, cron }: Timetable, options: ReplayRunOptions): void {
  const enqueue = enqueueOn(options.database.sql);
  job(REPLAY_JOB, async (payload) => {
    const { run } = payload as { run: string };
    if (await takeTurn(options, run)) await enqueueRun(enqueue, run);
  });
  job(SWEEP_JOB, async () => {
    for (const run of await forgottenRuns(options.database.sql)) await enqueueRun(enqueue, run);
  });
  cron(EVERY_MINUTE, SWEEP_JOB);
}

// True while there is more to do.
async function takeTurn(options: ReplayRunOptions, id: string): Promise<boolean> {
  const began = performance.now();
  for (let seen = 0; ;) {
    const run = await runById(options.database.sql, id);
    if (run?.status !== 'running') return false;
    const events = await nextEvents(options.database, run);
    if (events.length === 0) {
      await endRun(options.database.sql, id, 'done');
      return false;
    }
    await takeStep(options, run, events);
    seen += events.length;
    const msAhead = (seen / run.per_second) * 1000 - (performance.now() - began);
    if (msAhead > 0) await wait(msAhead);
    if (performance.now() - began > TURN_MS_MAX) return true;
  }
}

async function nextEvents(database: Database, run: ReplayRun): Promise<EventRow[]> {
  const { livemode, filter, force, cursor, until_seq: until, per_second } = run;
  const limit = Math.min(EVENTS_PER_STEP_MAX, Math.ceil(per_second / STEPS_PER_SECOND));
  const page = { order: 'asc', after: cursor, until, limit } as const;
  const found: EventRow[] = [];
  for (const status of statusesOf(filter, force)) {
    found.push(...((await listEvents(database, { ...filter, livemode, status }, page)) ?? []));
  }
  return found.toSorted((a, b) => a.seq - b.seq).slice(0, limit);
}

// The events and how far the run is are one transaction: after a crash none is put back twice, and none is
// left out.
async function takeStep(options: ReplayRunOptions, run: ReplayRun, events: EventRow[]): Promise<void> {
  const { database, recognition, slowTypes } = options;
  const { force } = run;
  const bodies = await bodiesOf(
    database.sql,
    events.map(({ seq }) => seq),
  );
  const skipped = { ...run.skipped };
  const skip = (reason: string): void => void (skipped[reason] = (skipped[reason] ?? 0) + 1);
  const runnable: number[] = [];
  for (const event of events) {
    const rest = bodies.get(event.seq);
    const refusal = rest
      ? await replayRefusal(database, recognition, { ...event, ...rest }, force)
      : 'removed';
    if (refusal === null) runnable.push(event.seq);
    else skip(refusal);
  }
  await database.transaction(async (sql) => {
    if (!(await lockRun(sql, run.id, run.cursor))) return;
    let queued = 0;
    for (const seq of runnable) {
      if (await putBack(sql, seq, { force, slowTypes: slowTypes() })) queued += 1;
      else skip('already_done');
    }
    await noteProgress(sql, run.id, { cursor: events.at(-1)?.seq ?? run.cursor, queued, skipped });
  });
}
