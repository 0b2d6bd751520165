import type { Sql } from '../db/sql.ts';

/** What PostgreSQL says of itself. */
export interface ServerRow {
  version: string;
  /** 180001 is 18.1. */
  version_number: number;
  now: Date;
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  synchronous_standby_names: string;
  in_recovery: boolean;
  bytes: number;
  connections: number;
  connections_max: number;
}

export async function serverRow(sql: Sql): Promise<ServerRow> {
  const [row] = await sql<ServerRow>`
    select current_setting('server_version') as version,
           current_setting('server_version_num')::integer as version_number,
           clock_timestamp() as now,
           current_setting('fsync') as fsync,
           current_setting('full_page_writes') as full_page_writes,
           current_setting('synchronous_commit') as synchronous_commit,
           current_setting('synchronous_standby_names') as synchronous_standby_names,
           pg_is_in_recovery() as in_recovery,
           pg_database_size(current_database()) as bytes,
           (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
           current_setting('max_connections')::integer as connections_max`;
  if (!row) throw new Error('PostgreSQL answered nothing of itself');
  return row;
}

/** Where PostgreSQL keeps its files; only a superuser is told. */
export async function dataDirectory(sql: Sql): Promise<string> {
  const [row] = await sql<{ path: string }>`select current_setting('data_directory') as path`;
  return row?.path ?? '';
}

/** The version of the schema; 0 when Quittance has never been here. */
export async function schemaVersion(sql: Sql): Promise<number> {
  const [found] = await sql<{ table: string | null }>`select to_regclass('quittance.migration') as table`;
  if (!found?.table) return 0;
  const [newest] = await sql<{ version: number }>`
    select coalesce(max(version), 0) as version from quittance.migration`;
  return newest?.version ?? 0;
}

export interface ProcessRow {
  id: string;
  silent_seconds: number;
  up_seconds: number;
  /** It takes jobs. */
  works: boolean;
}

export async function listProcesses(sql: Sql): Promise<ProcessRow[]> {
  return sql<ProcessRow>`
    select id, extract(epoch from now() - beat_at)::float8 as silent_seconds,
           extract(epoch from now() - started_at)::float8 as up_seconds,
           cardinality(job_workers) > 0 as works
    from quittance.process order by started_at`;
}

/** Since when Stripe's list of events has not been read to its end; null when it never was. */
export async function reconcileAge(sql: Sql, livemode: boolean): Promise<number | null> {
  const [row] = await sql<{ seconds: number | null }>`
    select extract(epoch from now() - max(finished_at))::float8 as seconds
    from quittance.reconcile where account = '' and livemode = ${livemode}`;
  return row?.seconds ?? null;
}

export interface AlarmRow {
  code: string;
  subjects: number;
  last_at: Date;
}

/** Alarms that were raised within the last day, by kind. */
export async function recentAlarms(sql: Sql): Promise<AlarmRow[]> {
  return sql<AlarmRow>`
    select code, count(*) as subjects, max(last_at) as last_at from quittance.alarm
    where last_at > now() - interval '1 day' group by code order by last_at desc`;
}

/** How many connected accounts in this mode have their events taken. */
export async function countAccounts(sql: Sql, livemode: boolean): Promise<number> {
  const [row] = await sql<{ count: number }>`
    select count(distinct account) as count from quittance.known_account where livemode = ${livemode}`;
  return row?.count ?? 0;
}

export interface OperatorCounts {
  admins: number;
  others: number;
  /** Of all of them, who could sign in by a link alone. */
  without_password: number;
}

/** Those who are not disabled. */
export async function operatorCounts(sql: Sql): Promise<OperatorCounts> {
  const [row] = await sql<OperatorCounts>`
    select count(*) filter (where role = 'admin') as admins,
           count(*) filter (where role <> 'admin') as others,
           count(*) filter (where password is null and oidc_subject is null) as without_password
    from quittance.operator where disabled_at is null`;
  return row ?? { admins: 0, others: 0, without_password: 0 };
}
