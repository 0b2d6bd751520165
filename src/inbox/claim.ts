import type pg from 'pg';

/** 0: handlers that only touch the database, many objects a transaction. 1: one object a transaction. */
export type Lane = 0 | 1;

/** One event to work on, as read under the lock of its key. */
export interface WorkRow {
  key: string;
  seq: number;
  attempts: number;
  suspect: boolean;
  lane: Lane;
  /** The row waits for its next attempt: it blocks its key until then. */
  waiting: boolean;
  id: string;
  account: string;
  livemode: boolean;
  type: string;
  /** The body as text; null when no handler would read it. */
  body: string | null;
}

export interface ClaimOptions {
  lane: Lane;
  /** Keys to lock at most. */
  keysMax: number;
  /** Rows at the front of the queue to look at. */
  windowRows: number;
  /** Rows before this time are known to be gone (ISO 8601, or '-infinity'). */
  since: string;
}

export interface Claim {
  keys: string[];
  /** True when the window was full: there may be keys behind it. */
  windowFull: boolean;
  /** When the oldest row seen became due; null when there was none. */
  oldest: Date | null;
}

// Locks end with the transaction, so a killed worker's are free as soon as its connection drops. The rows
// are read by the next statement, READ_ROWS: its snapshot is taken after the lock, while one taken here
// could show the failed head of a key as still runnable.
const CLAIM = `
with front as materialized (
  select key, run_at from quittance.work
  where lane = $1 and run_at >= $4::timestamptz and run_at <= now()
  order by run_at limit $3
), keys as materialized (
  select key from front group by key
), locked as materialized (
  select key from keys where pg_try_advisory_xact_lock(hashtextextended(key, 0)) limit $2
)
select coalesce((select array_agg(key) from locked), '{}') as keys,
       (select count(*) from front) = $3 as window_full,
       (select min(run_at) from front) as oldest`;

/** Locks the keys at the front of the queue that nobody else works on. */
export async function claimFront(connection: pg.ClientBase, options: ClaimOptions): Promise<Claim> {
  const { rows } = await connection.query<{ keys: string[]; window_full: boolean; oldest: Date | null }>({
    name: 'claim_front',
    text: CLAIM,
    values: [options.lane, options.keysMax, options.windowRows, options.since],
  });
  const [row] = rows;
  return { keys: row?.keys ?? [], windowFull: row?.window_full ?? false, oldest: row?.oldest ?? null };
}

// Walks from key to key by the index (key, seq), one step a key however many rows it has: a key with
// 100,000 events at the front of the queue must not hide the others (timgit/pg-boss #756).
const CLAIM_BY_KEY = `
with recursive heads as (
  (select key from quittance.work
   where key > $1 and lane = $2 and run_at <= now() order by key limit 1)
  union all
  select (select w.key from quittance.work w
          where w.key > heads.key and w.lane = $2 and w.run_at <= now() order by w.key limit 1)
  from heads where heads.key is not null
), visited as materialized (
  select key from heads where key is not null limit $4
), locked as materialized (
  select key from visited where pg_try_advisory_xact_lock(hashtextextended(key, 0)) limit $3
)
select coalesce((select array_agg(key) from locked), '{}') as keys,
       (select max(key) from visited) as last`;

/** Locks keys in their own order, from behind `after` on; `last` is where to go on, null at the end. */
export async function claimByKey(
  connection: pg.ClientBase,
  { after, lane, keysMax }: { after: string; lane: Lane; keysMax: number },
): Promise<{ keys: string[]; last: string | null }> {
  const { rows } = await connection.query<{ keys: string[]; last: string | null }>({
    name: 'claim_by_key',
    text: CLAIM_BY_KEY,
    values: [after, lane, keysMax, keysMax * 4],
  });
  return rows[0] ?? { keys: [], last: null };
}

/** Locks these keys again, for a second run; those that somebody else took meanwhile are left out. */
export async function claimAgain(connection: pg.ClientBase, keys: readonly string[]): Promise<string[]> {
  const { rows } = await connection.query<{ key: string }>({
    name: 'claim_again',
    text: `select key from unnest($1::text[]) as wanted (key)
           where pg_try_advisory_xact_lock(hashtextextended(key, 0))`,
    values: [keys],
  });
  return rows.map((row) => row.key);
}

const READ_ROWS = `
select w.key, w.seq, w.attempts, w.suspect, w.lane, w.run_at > now() as waiting,
       e.id, e.account, e.livemode, e.type,
       case when e.type = any ($3::text[]) then convert_from(e.body, 'UTF8') end as body
from unnest($1::text[]) as locked (key)
cross join lateral (
  select * from quittance.work where work.key = locked.key order by work.seq limit $2
) as w
join quittance.event as e on e.seq = w.seq
order by w.seq`;

/** The next events of the locked keys, in the order in which they are to be worked on. */
export async function readRows(
  connection: pg.ClientBase,
  keys: readonly string[],
  { rowsPerKeyMax, handledTypes }: { rowsPerKeyMax: number; handledTypes: readonly string[] },
): Promise<WorkRow[]> {
  const { rows } = await connection.query<WorkRow>({
    name: 'read_rows',
    text: READ_ROWS,
    values: [keys, rowsPerKeyMax, handledTypes],
  });
  return rows;
}
