import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { sqlPlannedEachTime, type Sql } from '../db/sql.ts';
import type { Source } from '../inbox/envelope.ts';
import { STORE_LOCK } from '../inbox/store.ts';

/** What became of an event. `retrying`: it failed and will be tried again. */
export const EVENT_STATUSES = ['pending', 'done', 'retrying', 'dead', 'quarantined'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** An event as the API lists it. Times are ISO 8601; `account` is null for our own. */
export interface EventRow {
  seq: number;
  id: string;
  type: string;
  account: string | null;
  livemode: boolean;
  object_id: string | null;
  created: string | null;
  received_at: string;
  source: Source;
  deliveries: number;
  status: EventStatus;
  /** Runs of the handlers, the failed ones included. */
  attempts: number;
  /** The last failure, or why it was put aside; null when there was none. */
  last_error: string | null;
}

export interface EventFilter {
  /** Only events behind this `seq`. */
  after: number;
  limit: number;
  type: string | null;
  object: string | null;
  status: EventStatus | null;
}

// What is older than a minute is there, whoever hangs while storing: its statement ended long ago.
const STORING_SECONDS_MAX = 60;
const SETTLE_MS_MAX = 1_000;
const SETTLE_POLL_MS = 5;

/** A page of the log in the order of `seq`. */
export async function listEvents(pool: pg.Pool, filter: EventFilter): Promise<EventRow[]> {
  const { after, limit, type, object, status } = filter;
  const settled = await settledSeq(pool);
  const rows = await sqlPlannedEachTime(pool)<Raw>`
    select e.seq, e.id, e.type, e.account, e.livemode, e.object_id, e.created, e.received_at, e.source,
           e.deliveries, w.attempts as waiting_attempts, o.status as outcome, o.reason
    from quittance.event e
    left join quittance.work w
      on w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq
    left join quittance.outcome o on o.seq = e.seq
    where e.seq > ${after}
      and (e.seq <= ${settled} or e.received_at < now() - ${STORING_SECONDS_MAX} * interval '1 second')
      and (${type}::text is null or e.type = ${type})
      and (${object}::text is null or e.object_id = ${object})
      and (${status}::text is null
        or (${status} = 'pending' and w.attempts = 0)
        or (${status} = 'retrying' and w.attempts > 0)
        or (${status} in ('dead', 'quarantined') and o.status = ${status} and w.seq is null)
        or (${status} = 'done' and w.seq is null and (o.status is null or o.status = 'ignored')))
    order by e.seq limit ${limit}`;
  return withFailures(sqlPlannedEachTime(pool), rows);
}

/**
 * Up to this number every event is visible to whoever looks from now on; -1 when that can't be said within
 * a second. A reader that pages by seq must not step over an event whose transaction is still open: its seq
 * is lower than that of others already seen. All who store hold a lock from before they take a number until
 * they have committed, so those who hold it now are waited for, and nobody else.
 */
async function settledSeq(pool: pg.Pool): Promise<number> {
  const sql = sqlPlannedEachTime(pool);
  const [place] = await sql<{ seq: number }>`select last_value as seq from quittance.event_seq_seq`;
  const seq = place?.seq ?? 0;
  const storing = async (): Promise<string[]> => {
    const rows = await sql<{ transaction: string }>`
      select virtualtransaction as transaction from pg_locks
      where locktype = 'advisory' and classid = ${STORE_LOCK.classid} and objid = ${STORE_LOCK.objid}
        and database = (select oid from pg_database where datname = current_database())`;
    return rows.map(({ transaction }) => transaction);
  };
  const deadline = performance.now() + SETTLE_MS_MAX;
  for (let open = await storing(); open.length > 0;) {
    if (performance.now() > deadline) return -1;
    await wait(SETTLE_POLL_MS);
    const still = new Set(await storing());
    open = open.filter((transaction) => still.has(transaction));
  }
  return seq;
}

/** All events behind `after`, whatever is committed in the transaction of `sql`. */
export async function rowsBehind(sql: Sql, after: number, limit: number): Promise<EventRow[]> {
  const rows = await sql<Raw>`
    select e.seq, e.id, e.type, e.account, e.livemode, e.object_id, e.created, e.received_at, e.source,
           e.deliveries, w.attempts as waiting_attempts, o.status as outcome, o.reason
    from quittance.event e
    left join quittance.work w
      on w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq
    left join quittance.outcome o on o.seq = e.seq
    where e.seq > ${after} order by e.seq limit ${limit}`;
  return withFailures(sql, rows);
}

export interface EventDetail extends EventRow {
  kind: 'snapshot' | 'thin' | 'unreadable';
  api_version: string | null;
  endpoint: string | null;
  failures: { attempt: number; at: string; error: string }[];
  body: Buffer;
}

/** True when the body went with the data of an account that uninstalled the app. */
export function isRemoved({ kind, body }: Pick<EventDetail, 'kind' | 'body'>): boolean {
  return kind !== 'unreadable' && body.length === 0;
}

/** One event by Stripe's id or by its `seq`. An id that exists on several accounts gives the newest. */
export async function findEvent(sql: Sql, id: string): Promise<EventDetail | null> {
  const seq = /^[0-9]{1,15}$/.test(id) ? Number(id) : null;
  const rows = await sql<
    Raw & { kind: EventDetail['kind']; api_version: string | null; endpoint: string | null; body: Buffer }
  >`
    select e.seq, e.id, e.type, e.account, e.livemode, e.object_id, e.created, e.received_at, e.source,
           e.deliveries, e.kind, e.api_version, e.endpoint, e.body,
           w.attempts as waiting_attempts, o.status as outcome, o.reason
    from quittance.event e
    left join quittance.work w
      on w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq
    left join quittance.outcome o on o.seq = e.seq
    where (${seq}::bigint is null and e.id = ${id}) or e.seq = ${seq}::bigint
    order by e.seq desc limit 1`;
  const [raw] = rows;
  if (!raw) return null;
  const [row] = await withFailures(sql, [raw]);
  const failures = await sql<{ attempt: number; at: Date; error: string }>`
    select attempt, at, error from quittance.failure where seq = ${raw.seq} order by at`;
  const { kind, api_version, endpoint, body } = raw;
  const history = failures.map(({ attempt, at, error }) => ({ attempt, at: at.toISOString(), error }));
  return { ...(row as EventRow), kind, api_version, endpoint, failures: history, body };
}

interface Raw {
  seq: number;
  id: string;
  type: string;
  account: string;
  livemode: boolean;
  object_id: string | null;
  created: Date | null;
  received_at: Date;
  source: Source;
  deliveries: number;
  waiting_attempts: number | null;
  outcome: 'ignored' | 'dead' | 'quarantined' | null;
  reason: string | null;
}

// Few events ever fail, so their failures are read for the page and not joined for the whole log.
async function withFailures(sql: Sql, rows: Raw[]): Promise<EventRow[]> {
  const failures = await sql<{ seq: number; count: number; error: string }>`
    select seq, count(*)::integer as count, (array_agg(error order by at desc))[1] as error
    from quittance.failure where seq = any (${rows.map((row) => row.seq)}::bigint[]) group by seq`;
  const bySeq = new Map(failures.map((failure) => [failure.seq, failure]));
  return rows.map((row) => eventRow(row, bySeq.get(row.seq)));
}

function eventRow(raw: Raw, failed: { count: number; error: string } | undefined): EventRow {
  const status = statusOf(raw);
  const runs = failed?.count ?? 0;
  return {
    seq: raw.seq,
    id: raw.id,
    type: raw.type,
    account: raw.account === '' ? null : raw.account,
    livemode: raw.livemode,
    object_id: raw.object_id,
    created: raw.created?.toISOString() ?? null,
    received_at: raw.received_at.toISOString(),
    source: raw.source,
    deliveries: raw.deliveries,
    status,
    attempts: status === 'done' ? runs + 1 : runs,
    last_error: failed?.error ?? (status === 'quarantined' ? raw.reason : null),
  };
}

function statusOf({ waiting_attempts, outcome }: Raw): EventStatus {
  if (waiting_attempts !== null) return waiting_attempts > 0 ? 'retrying' : 'pending';
  return outcome === 'dead' || outcome === 'quarantined' ? outcome : 'done';
}
