import type { Sql } from '../../db/sql.ts';
import type { VaultKind } from '../../vault/rows.ts';
import { removalKey } from './removal.ts';

/** Something that is kept sealed for an install: its name, never the value. */
export interface KeptName {
  kind: VaultKind;
  name: string;
  created_at: string;
  updated_at: string;
  expires_at: string | null;
}

/** What is kept for an install, by kind and name. */
export async function namesKept(sql: Sql, install: string, limit: number): Promise<KeptName[]> {
  const rows = await sql<{
    kind: VaultKind;
    name: string;
    created_at: Date;
    updated_at: Date;
    expires_at: Date | null;
  }>`
    select kind, name, created_at, updated_at, expires_at from quittance.vault
    where owner = ${install} order by kind, name limit ${limit}`;
  return rows.map(({ kind, name, created_at, updated_at, expires_at }) => ({
    kind,
    name,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
  }));
}

/** A job of an install that waits, runs, or has failed for good. */
export interface InstallJob {
  id: string;
  task: string;
  state: 'waiting' | 'running' | 'failed';
  run_at: string;
  attempts: number;
  last_error: string | null;
}

/** What is queued for an install, the next one first. */
export async function jobsOf(sql: Sql, install: string, limit: number): Promise<InstallJob[]> {
  const rows = await sql<Omit<InstallJob, 'run_at'> & { run_at: Date }>`
    select id::text, task_identifier as task, run_at, attempts, last_error,
      case when locked_at is not null then 'running'
           when attempts >= max_attempts then 'failed' else 'waiting' end as state
    from graphile_worker.jobs
    where queue_name = ${install} or key = ${removalKey(install)}
    order by run_at, id limit ${limit}`;
  return rows.map((row) => ({ ...row, run_at: row.run_at.toISOString() }));
}
