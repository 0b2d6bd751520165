import type { Sql } from '../db/sql.ts';

/** Where a job of the queue stands. Those that are done are gone. */
export const JOB_STATES = ['queued', 'running', 'retrying', 'failed'] as const;
type JobState = (typeof JOB_STATES)[number];

/** A job as graphile-worker keeps it. */
export interface JobRow {
  id: number;
  name: string;
  state: JobState;
  attempts: number;
  attempts_max: number;
  last_error: string | null;
  run_at: Date;
  created_at: Date;
  updated_at: Date;
  started_at: Date | null;
  queue: string | null;
  key: string | null;
  /** As it was queued: ours stands in an envelope. */
  queued: unknown;
}

export interface JobFilter {
  state: JobState | null;
  name: string | null;
  /** The id the page before ended with. */
  after: number | null;
  limit: number;
}

/** Jobs, the youngest first. `sql` plans each time: the filters are optional. */
export async function jobPage(sql: Sql, { state, name, after, limit }: JobFilter): Promise<JobRow[]> {
  const rows = await sql<Raw>`
    select job.*, task.identifier, list.queue_name
    from graphile_worker._private_jobs job
    join graphile_worker._private_tasks task on task.id = job.task_id
    left join graphile_worker._private_job_queues list on list.id = job.job_queue_id
    where (${after}::bigint is null or job.id < ${after})
      and (${name}::text is null or task.identifier = ${name})
      and (${state}::text is null
        or (${state} = 'running' and job.locked_at is not null)
        or (job.locked_at is null and (
          (${state} = 'queued' and job.attempts = 0)
          or (${state} = 'retrying' and job.attempts between 1 and job.max_attempts - 1)
          or (${state} = 'failed' and job.attempts >= job.max_attempts))))
    order by job.id desc limit ${limit}`;
  return rows.map(readRow);
}

/** Reads a job and, within a transaction, keeps workers from taking it. */
export async function lockJob(sql: Sql, id: number): Promise<JobRow | null> {
  const rows = await sql<Raw>`
    select job.*, task.identifier, list.queue_name
    from graphile_worker._private_jobs job
    join graphile_worker._private_tasks task on task.id = job.task_id
    left join graphile_worker._private_job_queues list on list.id = job.job_queue_id
    where job.id = ${id} for no key update of job`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Lets a job run now; `anew`: as if it had never been tried. */
export async function runNow(sql: Sql, id: number, anew: boolean): Promise<void> {
  await sql`
    select graphile_worker.reschedule_jobs(
      array[${id}::bigint], run_at => now(), attempts => ${anew ? 0 : null}::integer)`;
}

/** Removes a job as if it were done. */
export async function removeJob(sql: Sql, id: number): Promise<void> {
  await sql`select graphile_worker.complete_jobs(array[${id}::bigint])`;
}

export interface KnownCron {
  identifier: string;
  last_execution: Date | null;
}

/** When each line of the timetable last ran, over all processes. */
export function knownCrons(sql: Sql): Promise<KnownCron[]> {
  return sql<KnownCron>`select identifier, last_execution from graphile_worker._private_known_crontabs`;
}

interface Raw {
  id: number;
  identifier: string;
  queue_name: string | null;
  attempts: number;
  max_attempts: number;
  last_error: string | null;
  run_at: Date;
  created_at: Date;
  updated_at: Date;
  locked_at: Date | null;
  key: string | null;
  payload: unknown;
}

function readRow(raw: Raw): JobRow {
  const { id, identifier: name, attempts, max_attempts: attempts_max, locked_at, payload, queue_name } = raw;
  const { last_error, run_at, created_at, updated_at, key } = raw;
  return {
    id,
    name,
    state: stateOf(raw),
    attempts,
    attempts_max,
    last_error,
    run_at,
    created_at,
    updated_at,
    started_at: locked_at,
    queue: queue_name,
    key,
    queued: payload,
  };
}

function stateOf({ locked_at, attempts, max_attempts }: Raw): JobState {
  if (locked_at !== null) return 'running';
  if (attempts >= max_attempts) return 'failed';
  return attempts === 0 ? 'queued' : 'retrying';
}
