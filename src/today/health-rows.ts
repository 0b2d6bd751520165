import type { Sql } from '../db/sql.ts';

// A process that says nothing for this long is dead, or as good as dead (inbox/presence.ts buries it).
const SILENT_SECONDS_MAX = 20;

export interface Backlog {
  /** Not tried yet. */
  waiting: number;
  retrying: number;
  oldest_received_at: Date | null;
}

/** The events that are not done, in one mode. */
export async function backlog(sql: Sql, livemode: boolean): Promise<Backlog> {
  const rows = await sql<Backlog>`
    select list.waiting, list.retrying, event.received_at as oldest_received_at
    from (
      select count(*) filter (where attempts = 0) as waiting,
             count(*) filter (where attempts > 0) as retrying,
             -- What stands behind an event that failed waits with it, and for nobody.
             min(seq) filter (where attempts = 0 and run_at <= now()) as oldest
      from quittance.work where split_part(key, '/', 2) = ${livemode ? 'live' : 'test'}
    ) list left join quittance.event on event.seq = list.oldest`;
  return rows[0] as Backlog;
}

/** How many of the latest `max` that ended so are of this mode, and not being replayed. */
export async function endedAs(
  sql: Sql,
  status: 'dead' | 'quarantined',
  { livemode, max }: { livemode: boolean; max: number },
): Promise<number> {
  const rows = await sql<{ count: number }>`
    select count(*) as count
    from (select seq from quittance.outcome where status = ${status} order by seq desc limit ${max}) latest,
      -- One look for each, also where the planner thinks that reading the whole log is less work.
      lateral (select e.account, e.livemode, e.object_id, e.id from quittance.event e
        where e.seq = latest.seq limit 1) e
    where e.livemode = ${livemode} and not exists (
      select from quittance.work w
      where w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = latest.seq)`;
  return rows[0]?.count ?? 0;
}

export interface Reconciled {
  finished_at: Date | null;
  complete_until: Date;
}

/** How far Stripe's list of our own account's events was read. */
export async function lastReconcile(sql: Sql, livemode: boolean): Promise<Reconciled | null> {
  const rows = await sql<Reconciled>`
    select finished_at, complete_until from quittance.reconcile
    where account = '' and livemode = ${livemode}`;
  return rows[0] ?? null;
}

/** The processes that live. */
export function processesAlive(sql: Sql): Promise<{ role: string; started_at: Date }[]> {
  return sql<{ role: string; started_at: Date }>`
    select role, started_at from quittance.process
    where beat_at >= now() - ${SILENT_SECONDS_MAX} * interval '1 second' order by started_at, id`;
}

export interface JobCounts {
  queued: number;
  running: number;
  retrying: number;
  failed: number;
}

export async function jobCounts(sql: Sql): Promise<JobCounts> {
  const rows = await sql<JobCounts>`
    select
      count(*) filter (where locked_at is not null) as running,
      count(*) filter (where locked_at is null and attempts >= max_attempts) as failed,
      count(*) filter (where locked_at is null and attempts between 1 and max_attempts - 1) as retrying,
      count(*) filter (where locked_at is null and attempts = 0) as queued
    from graphile_worker._private_jobs`;
  return rows[0] as JobCounts;
}
