import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';

/** Whoever holds this advisory lock is the one who reads. Any number, the same in every process. */
export const RECONCILE_LOCK = 7_814_235_002;

/** Runs `work` unless another process is at it; then the answer is null. A killed process lets go at once. */
export async function withReconcileLock<T>(database: Database, work: () => Promise<T>): Promise<T | null> {
  const connection = await database.connect();
  try {
    const taken = 'select pg_try_advisory_lock($1) as mine';
    const { rows } = await connection.query<{ mine: boolean }>(taken, [RECONCILE_LOCK]);
    if (!rows[0]?.mine) return null;
    try {
      return await work();
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [RECONCILE_LOCK]);
    }
  } finally {
    connection.release();
  }
}

export interface Progress {
  complete_until: Date;
  cursor_event: string | null;
}

/** Where the last run ended; a first run begins at `start`. */
export async function readProgress(
  sql: Sql,
  side: { account: string; livemode: boolean },
  start: Date,
): Promise<Progress> {
  await sql`
    insert into quittance.reconcile (account, livemode, complete_until)
    values (${side.account}, ${side.livemode}, ${start}) on conflict do nothing`;
  const [row] = await sql<Progress>`
    select complete_until, cursor_event from quittance.reconcile
    where account = ${side.account} and livemode = ${side.livemode}`;
  return row as Progress;
}

/** Keeps the place within a run. */
export async function writeCursor(
  sql: Sql,
  side: { account: string; livemode: boolean },
  event: string,
): Promise<void> {
  await sql`
    update quittance.reconcile set cursor_event = ${event}
    where account = ${side.account} and livemode = ${side.livemode}`;
}

/** A run is over: everything up to `until` has been read. */
export async function finishRun(
  sql: Sql,
  side: { account: string; livemode: boolean },
  until: Date,
): Promise<void> {
  await sql`
    update quittance.reconcile
    set complete_until = greatest(complete_until, ${until}), cursor_event = null, finished_at = now()
    where account = ${side.account} and livemode = ${side.livemode}`;
}

/** Which of these event ids the log does not hold. */
export async function missingEvents(
  sql: Sql,
  side: { account: string; livemode: boolean },
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await sql<{ id: string }>`
    select wanted.id from unnest(${[...ids]}::text[]) as wanted (id)
    where not exists (
      select from quittance.event e
      where e.account = ${side.account} and e.livemode = ${side.livemode} and e.id = wanted.id)`;
  return new Set(rows.map((row) => row.id));
}
