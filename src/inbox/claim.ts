import type pg from 'pg';

/**
 * 0, wide: handlers that only touch the database, many objects a transaction. 1, slow: handlers that read
 * Stripe, one object a transaction. 2, alone: events that did not return or were in hand when a process
 * died, one at a time in each process, so that whatever they do next is theirs alone.
 */
export type Lane = 0 | 1 | 2;
export const WIDE = 0;
export const SLOW = 1;
export const ALONE = 2;

// What a batch may hold in memory, whatever the size of its events: 8,000 of 2 KB.
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
// Rows become visible in the order of run_at, apart from transactions that commit late (they end after 7 s).
const LATE_COMMIT_SECONDS = 30;

// How far to look into an account for a key that is due in the lane.
const HEAD_ROWS_MAX = 100;

/** One event to work on, as read under the lock of its key. */
export interface WorkRow {
  key: string;
  seq: number;
  attempts: number;
  /** A process died with this event in hand: it is committed alone. */
  suspect: boolean;
  /** How many of its handlers are done, their writes kept; the next attempt begins behind them. */
  handled: number;
  lane: Lane;
  /** The row waits for its next attempt: it blocks its key until then. */
  waiting: boolean;
  /** How long it had been due when it was read, by PostgreSQL's clock. */
  due_seconds: number;
  /** The trace it arrived in (W3C Trace Context); null when nobody traces. */
  traceparent: string | null;
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
  /** Rows before this time are known to be gone; what the last claim said, or '-infinity'. */
  since: string;
}

export interface Claim {
  keys: string[];
  /** True when the window was full: there may be keys behind it. */
  windowFull: boolean;
  /** From when on the next claim has to look. By PostgreSQL's clock, which may differ from ours. */
  since: string;
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
  select key from front group by key order by min(run_at)
), locked as materialized (
  select key from keys where pg_try_advisory_xact_lock(hashtextextended(key, 0)) limit $2
)
select coalesce((select array_agg(key) from locked), '{}') as keys,
       (select count(*) from front) = $3 as window_full,
       (coalesce((select min(run_at) from front), now())
         - ${LATE_COMMIT_SECONDS} * interval '1 second')::text as since`;

/** Locks the keys at the front of the queue that nobody else works on. */
export async function claimFront(connection: pg.ClientBase, options: ClaimOptions): Promise<Claim> {
  const { rows } = await connection.query<{ keys: string[]; window_full: boolean; since: string }>({
    name: 'claim_front',
    text: CLAIM,
    values: [options.lane, options.keysMax, options.windowRows, options.since],
  });
  const { keys, window_full, since } = rows[0] as (typeof rows)[number];
  return { keys, windowFull: window_full, since };
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
  { after, lane, keysMax, visitMax }: { after: string; lane: Lane; keysMax: number; visitMax: number },
): Promise<{ keys: string[]; last: string | null }> {
  const { rows } = await connection.query<{ keys: string[]; last: string | null }>({
    name: 'claim_by_key',
    text: CLAIM_BY_KEY,
    values: [after, lane, keysMax, visitMax],
  });
  return rows[0] ?? { keys: [], last: null };
}

// Walks from account to account, one key of each: '0' is the character behind '/', so `account || '0'` is
// behind all keys of an account. What an account has at its front may be of another lane or wait: then it has
// to come by the front of the queue, for a walk over all its rows would cost more than it saves.
const CLAIM_BY_ACCOUNT = `
with recursive accounts as (
  (select split_part(key, '/', 1) as account from quittance.work where key >= $1 order by key limit 1)
  union all
  select (select split_part(w.key, '/', 1) from quittance.work w
          where w.key >= accounts.account || '0' order by w.key limit 1)
  from accounts where accounts.account is not null
), visited as materialized (
  select account from accounts where account is not null limit $4
), heads as materialized (
  select (select key from (
            select w.key, w.lane, w.run_at from quittance.work w
            where w.key >= account || '/' and w.key < account || '0' order by w.key limit ${HEAD_ROWS_MAX}
          ) as first where lane = $2 and run_at <= now() order by key limit 1) as key
  from visited
), locked as materialized (
  select key from heads
  where key is not null and pg_try_advisory_xact_lock(hashtextextended(key, 0)) limit $3
)
select coalesce((select array_agg(key order by key) from locked), '{}') as keys,
       (select max(account) from visited) as last`;

/** Locks one key of each account that has work, from `from` on; `last` is the last account looked at. */
export async function claimByAccount(
  connection: pg.ClientBase,
  { from, lane, keysMax, visitMax }: { from: string; lane: Lane; keysMax: number; visitMax: number },
): Promise<{ keys: string[]; last: string | null }> {
  const { rows } = await connection.query<{ keys: string[]; last: string | null }>({
    name: 'claim_by_account',
    text: CLAIM_BY_ACCOUNT,
    values: [from, lane, keysMax, visitMax],
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
select key, seq, attempts, handled, crashes > 0 as suspect, lane, waiting, id, account, livemode, type,
       extract(epoch from statement_timestamp() - run_at)::float8 as due_seconds, traceparent,
       case when bytes > 0 then convert_from(body, 'UTF8') end as body
from (
  select w.*, w.run_at > now() as waiting, e.id, e.account, e.livemode, e.type, e.body, size.bytes,
         sum(size.bytes) over (order by w.seq rows unbounded preceding) as bytes_so_far
  from unnest($1::text[]) as locked (key)
  cross join lateral (
    select * from quittance.work where work.key = locked.key order by work.seq limit $2
  ) as w
  join quittance.event as e on e.seq = w.seq
  cross join lateral (
    select case when e.type = any ($3::text[]) then octet_length(e.body) else 0 end as bytes
  ) as size
) as batch
where bytes_so_far - bytes < ${BATCH_BYTES_MAX}
order by seq`;

/**
 * The next events of the locked keys, in the order in which they are to be worked on. What would not fit
 * into memory is left for the next time.
 */
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

/** How often a row has been tried; null when it is done. */
export async function attemptsOf(connection: pg.ClientBase, row: WorkRow): Promise<number | null> {
  const { rows } = await connection.query<{ attempts: number }>({
    name: 'attempts_of',
    text: 'select attempts from quittance.work where key = $1 and seq = $2',
    values: [row.key, row.seq],
  });
  return rows[0]?.attempts ?? null;
}
