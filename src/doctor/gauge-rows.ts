import type { Sql } from '../db/sql.ts';
import type { GaugeValue } from '../http/metrics.ts';
import type { SharedGauge, SharedValues } from '../http/shared-gauges.ts';

/** What `/metrics` says of the database, the same for every server on it: take the maximum, not the sum. */
export const SHARED_GAUGES: readonly SharedGauge[] = [
  {
    name: 'quittance_backlog_events',
    help: 'Events that are not done: due, or waiting for their next attempt',
    labelNames: ['state'],
  },
  { name: 'quittance_drain_lag_seconds', help: 'How long the event that is due the longest has been due' },
  {
    name: 'quittance_oldest_unhandled_seconds',
    help: 'Age of the oldest event that is not done, also when it only waits for its next attempt',
  },
  {
    name: 'quittance_set_aside_events',
    help: 'Events that nobody works on until they are replayed: dead or quarantined',
    labelNames: ['status'],
  },
  {
    name: 'quittance_jobs',
    help: 'Jobs: due, scheduled for later, running, retrying, or failed for good',
    labelNames: ['state'],
  },
  { name: 'quittance_job_lag_seconds', help: 'How long the job that is due the longest has been due' },
  { name: 'quittance_processes', help: 'Processes with a heartbeat within 20 s' },
  {
    name: 'quittance_reconcile_age_seconds',
    help: 'Since when Stripe’s list of events has not been read to its end',
  },
];

interface Row {
  due: number;
  retrying: number;
  drain_lag: number;
  oldest: number;
  dead: number;
  quarantined: number;
  processes: number;
  reconcile_age: number | null;
}

interface JobRow {
  due: number;
  scheduled: number;
  running: number;
  retrying: number;
  failed: number;
  lag: number;
}

/** Reads them all. The work list is narrow: counting a million rows of it takes a tenth of a second. */
export async function readSharedGauges(sql: Sql): Promise<SharedValues> {
  const [[row], [jobs]] = await Promise.all([readBacklog(sql), readJobs(sql)]);
  if (!row || !jobs) throw new Error('PostgreSQL answered no counts');
  const { lag, ...states } = jobs;
  const labelled = (label: string, values: object): GaugeValue[] =>
    Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value: Number(value) }));
  const { due, retrying, dead, quarantined, reconcile_age } = row;
  const values = new Map<string, GaugeValue[]>([
    ['quittance_backlog_events', labelled('state', { due, retrying })],
    ['quittance_drain_lag_seconds', [{ value: row.drain_lag }]],
    ['quittance_oldest_unhandled_seconds', [{ value: row.oldest }]],
    ['quittance_set_aside_events', labelled('status', { dead, quarantined })],
    ['quittance_jobs', labelled('state', states)],
    ['quittance_job_lag_seconds', [{ value: lag }]],
    ['quittance_processes', [{ value: row.processes }]],
  ]);
  if (reconcile_age !== null) values.set('quittance_reconcile_age_seconds', [{ value: reconcile_age }]);
  return values;
}

// Work is not handled in the order of seq, but the oldest of it has the lowest.
function readBacklog(sql: Sql): Promise<Row[]> {
  return sql<Row>`
    with work as materialized (
      select count(*) filter (where run_at <= now()) as due,
             count(*) filter (where run_at > now()) as retrying,
             coalesce(extract(epoch from now() - min(run_at) filter (where run_at <= now())), 0)::float8
               as drain_lag,
             min(seq) as first
      from quittance.work)
    select due, retrying, drain_lag,
           coalesce((select extract(epoch from now() - received_at)::float8
                     from quittance.event where seq = first), 0) as oldest,
           (select count(*) from quittance.outcome where status = 'dead') as dead,
           (select count(*) from quittance.outcome where status = 'quarantined') as quarantined,
           (select count(*) from quittance.process
            where beat_at > now() - interval '20 seconds') as processes,
           (select extract(epoch from now() - max(finished_at))::float8
            from quittance.reconcile) as reconcile_age
    from work`;
}

function readJobs(sql: Sql): Promise<JobRow[]> {
  return sql<JobRow>`
    select count(*) filter (where is_available and attempts = 0 and run_at <= now()) as due,
           count(*) filter (where is_available and attempts = 0 and run_at > now()) as scheduled,
           count(*) filter (where locked_at is not null) as running,
           count(*) filter (where is_available and attempts > 0) as retrying,
           count(*) filter (where locked_at is null and attempts >= max_attempts) as failed,
           coalesce(extract(epoch from now() - min(run_at) filter (where is_available and run_at <= now())),
                    0)::float8 as lag
    from graphile_worker._private_jobs`;
}
