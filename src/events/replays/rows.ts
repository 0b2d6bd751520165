import type { Sql } from '../../db/sql.ts';
import type { EventFilter } from '../filter-rows.ts';

/** A replay of many events. Times are ISO 8601. */
export interface ReplayRun {
  id: string;
  livemode: boolean;
  filter: Omit<EventFilter, 'livemode'>;
  force: boolean;
  per_second: number;
  status: 'running' | 'done' | 'canceled';
  total: number;
  is_more: boolean;
  until_seq: number;
  cursor: number;
  queued: number;
  skipped: Record<string, number>;
  started_by_name: string;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

export type NewRun = Pick<
  ReplayRun,
  | 'id'
  | 'livemode'
  | 'filter'
  | 'force'
  | 'per_second'
  | 'total'
  | 'is_more'
  | 'until_seq'
  | 'started_by_name'
> & { started_by: string; filter_key: Buffer };

/** Writes a run down. Null while one of the same filter is under way. */
export async function insertRun(sql: Sql, run: NewRun): Promise<ReplayRun | null> {
  const rows = await sql<Raw>`
    insert into quittance.replay_run
      (id, livemode, filter, filter_key, force, per_second, total, is_more, until_seq, started_by,
       started_by_name)
    values (${run.id}, ${run.livemode}, ${JSON.stringify(run.filter)}::jsonb, ${run.filter_key}, ${run.force},
      ${run.per_second}, ${run.total}, ${run.is_more}, ${run.until_seq}, ${run.started_by},
      ${run.started_by_name})
    on conflict (filter_key) where status = 'running' do nothing
    returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function runById(sql: Sql, id: string): Promise<ReplayRun | null> {
  const rows = await sql<Raw>`select * from quittance.replay_run where id = ${id}`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** The run of this filter that is under way. */
export async function runningRun(sql: Sql, key: Buffer): Promise<string | null> {
  const rows = await sql<{ id: string }>`
    select id from quittance.replay_run where filter_key = ${key} and status = 'running'`;
  return rows[0]?.id ?? null;
}

/** Runs, newest first. */
export async function runPage(
  sql: Sql,
  { livemode, after, limit }: { livemode: boolean; after: string | null; limit: number },
): Promise<ReplayRun[]> {
  const rows = await sql<Raw>`
    select * from quittance.replay_run
    where livemode = ${livemode} and (${after}::text is null or (created_at, id) <
      (select last.created_at, last.id from quittance.replay_run last where last.id = ${after}))
    order by created_at desc, id desc limit ${limit}`;
  return rows.map(readRow);
}

/** Locks a run that is under way and stands at `cursor`, until the transaction ends. */
export async function lockRun(sql: Sql, id: string, cursor: number): Promise<boolean> {
  const rows = await sql`
    select from quittance.replay_run
    where id = ${id} and status = 'running' and cursor = ${cursor} for update`;
  return rows.length > 0;
}

/** Notes what became of the events up to `cursor`, in the transaction that put them on the work list. */
export async function noteProgress(
  sql: Sql,
  id: string,
  { cursor, queued, skipped }: Pick<ReplayRun, 'cursor' | 'queued' | 'skipped'>,
): Promise<void> {
  await sql`
    update quittance.replay_run set cursor = ${cursor}, queued = queued + ${queued},
      skipped = ${JSON.stringify(skipped)}::jsonb, updated_at = now()
    where id = ${id}`;
}

/** Ends a run that is under way. Null when it is none. */
export async function endRun(sql: Sql, id: string, status: 'done' | 'canceled'): Promise<ReplayRun | null> {
  const rows = await sql<Raw>`
    update quittance.replay_run set status = ${status}, finished_at = now(), updated_at = now()
    where id = ${id} and status = 'running' returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Runs under way that nobody has moved on for a minute. */
export async function forgottenRuns(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    select id from quittance.replay_run
    where status = 'running' and updated_at < now() - interval '1 minute'`;
  return rows.map(({ id }) => id);
}

/** What `replayRefusal` needs to know of these events besides their rows. */
export async function bodiesOf(
  sql: Sql,
  seqs: readonly number[],
): Promise<Map<number, { kind: 'snapshot' | 'thin' | 'unreadable'; endpoint: string | null; body: Buffer }>> {
  const rows = await sql<{
    seq: number;
    kind: 'snapshot' | 'thin' | 'unreadable';
    endpoint: string | null;
    body: Buffer;
  }>`select seq, kind, endpoint, body from quittance.event where seq = any (${[...seqs]}::bigint[])`;
  return new Map(rows.map(({ seq, ...rest }) => [seq, rest]));
}

interface Raw extends Omit<ReplayRun, 'created_at' | 'updated_at' | 'finished_at'> {
  created_at: Date;
  updated_at: Date;
  finished_at: Date | null;
}

function readRow(raw: Raw): ReplayRun {
  return {
    ...raw,
    created_at: raw.created_at.toISOString(),
    updated_at: raw.updated_at.toISOString(),
    finished_at: raw.finished_at?.toISOString() ?? null,
  };
}
