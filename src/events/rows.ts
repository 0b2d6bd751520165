import type { Sql } from '../db/sql.ts';
import type { Source } from '../inbox/envelope.ts';
import { redact } from '../log.ts';

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

/** These events, in this order. */
export async function eventRows(sql: Sql, seqs: readonly number[]): Promise<EventRow[]> {
  const rows = await sql<Raw>`
    select e.seq, e.id, e.type, e.account, e.livemode, e.object_id, e.created, e.received_at, e.source,
           e.deliveries, w.attempts as waiting_attempts, o.status as outcome, o.reason
    from unnest(${[...seqs]}::bigint[]) with ordinality as wanted (seq, place)
    join quittance.event e on e.seq = wanted.seq
    left join quittance.work w
      on w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq
    left join quittance.outcome o on o.seq = e.seq
    order by wanted.place`;
  return withFailures(sql, rows);
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
  /** Each arrival after the first; `count` came together. */
  repeats: { at: string; source: Source; endpoint: string | null; count: number }[];
  body: Buffer;
}

/** True when the body went with the data of an account that uninstalled the app. */
export function isRemoved({ kind, body }: Pick<EventDetail, 'kind' | 'body'>): boolean {
  return kind !== 'unreadable' && body.length === 0;
}

/** One event by Stripe's id or by its `seq`. An id that exists on several accounts gives the newest. */
export async function findEvent(sql: Sql, id: string): Promise<EventDetail | null> {
  const seq = /^[0-9]{1,15}$/.test(id) ? Number(id) : await seqOf(sql, id);
  const [raw] = await sql<Pick<EventDetail, 'kind' | 'api_version' | 'endpoint' | 'body'>>`
    select kind, api_version, endpoint, body from quittance.event where seq = ${seq}`;
  const [row] = raw && seq !== null ? await eventRows(sql, [seq]) : [];
  if (!raw || !row) return null;
  const failures = await sql<{ attempt: number; at: Date; error: string }>`
    select attempt, at, error from quittance.failure where seq = ${seq} order by at`;
  const repeats = await sql<{ at: Date; source: Source; endpoint: string | null; count: number }>`
    select at, source, endpoint, count from quittance.delivery where seq = ${seq} order by at`;
  return {
    ...row,
    ...raw,
    failures: failures.map((failure) => ({ ...failure, at: failure.at.toISOString() })),
    repeats: repeats.map((repeat) => ({ ...repeat, at: repeat.at.toISOString() })),
  };
}

async function seqOf(sql: Sql, id: string): Promise<number | null> {
  const [newest] = await sql<{ seq: number }>`
    select seq from quittance.event where id = ${id} order by seq desc limit 1`;
  return newest?.seq ?? null;
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
  const last_error = failed?.error ?? (status === 'quarantined' ? raw.reason : null);
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
    // In lists, exports and streams too: what a handler throws may quote what it called with.
    last_error: last_error === null ? null : redact(last_error),
  };
}

function statusOf({ waiting_attempts, outcome }: Raw): EventStatus {
  if (waiting_attempts !== null) return waiting_attempts > 0 ? 'retrying' : 'pending';
  return outcome === 'dead' || outcome === 'quarantined' ? outcome : 'done';
}
