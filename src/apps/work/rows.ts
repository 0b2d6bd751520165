import type { Sql } from '../../db/sql.ts';
import { INSTALL_JOB_PRIORITY } from '../install.ts';

/**
 * Takes up a line of the timetable, under lock: behind which install to go on, `''` at the beginning. Null
 * when this tick is through, or a later one has begun.
 */
export async function lockFanOut(sql: Sql, line: string, tick: Date): Promise<string | null> {
  const rows = await sql<{ cursor: string | null }>`
    insert into quittance.app_cron as known (line, tick, cursor) values (${line}, ${tick}, '')
    on conflict (line) do update set
      tick = excluded.tick,
      cursor = case when known.tick = excluded.tick then known.cursor else '' end
    where known.tick <= excluded.tick
    returning cursor`;
  return rows[0]?.cursor ?? null;
}

/** Notes how far a tick has come; null: every account has its run. */
export async function moveFanOut(sql: Sql, line: string, cursor: string | null): Promise<void> {
  await sql`update quittance.app_cron set cursor = ${cursor} where line = ${line}`;
}

/** A page of the accounts that have the app, by id. */
export async function installedBehind(
  sql: Sql,
  { livemode, after, limit }: { livemode: boolean; after: string; limit: number },
): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    select id from quittance.install
    where livemode = ${livemode} and status = 'installed' and id > ${after}
    order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** A run for one install: what it is queued under, and when it is due. */
export interface QueuedRun {
  install: string;
  key: string;
  runAt: Date;
}

/**
 * Queues a page of runs, each in the queue of its install. One that still waits since an earlier tick,
 * because the one before it is slow or has failed, is replaced: they do not pile up.
 */
export async function enqueueRuns(
  sql: Sql,
  { task, line }: { task: string; line: string },
  runs: readonly QueuedRun[],
): Promise<void> {
  await sql`
    select count(graphile_worker.add_job(
      ${task},
      payload => json_build_object('payload', json_build_object('install', run.install), 'key', run.key),
      queue_name => run.install,
      priority => ${INSTALL_JOB_PRIORITY},
      run_at => run.run_at,
      job_key => ${line} || '/' || run.install))
    from unnest(${runs.map(({ install }) => install)}::text[], ${runs.map(({ key }) => key)}::text[],
                ${runs.map(({ runAt }) => runAt)}::timestamptz[]) as run (install, key, run_at)`;
}
