import { sqlPlannedEachTime, type Sql } from '../db/sql.ts';
import { redact } from '../log.ts';
import type { DeliveryStatus } from './delivery.ts';

/** How a sink stands. Times are ISO 8601. */
export interface SinkCounts {
  name: string;
  pending: number;
  delivered: number;
  dead: number;
  /** When what has waited longest was queued; null when nothing waits. */
  oldest_pending: string | null;
  /** Until when it is left alone, since it could not be reached; null when it is not. */
  rests_until: string | null;
}

/** Every sink that ever was to have an event, by name. */
export async function sinkCounts(sql: Sql): Promise<SinkCounts[]> {
  const rows = await sql<SinkCounts & { oldest_pending: Date | null; rests_until: Date | null }>`
    select d.sink as name,
           count(*) filter (where status = 'pending') as pending,
           count(*) filter (where status = 'delivered') as delivered,
           count(*) filter (where status = 'dead') as dead,
           min(queued_at) filter (where status = 'pending') as oldest_pending,
           (select rests_until from quittance.sink_rest r where r.sink = d.sink and rests_until > now())
    from quittance.sink_delivery d group by d.sink order by d.sink`;
  return rows.map((row) => ({
    ...row,
    oldest_pending: row.oldest_pending?.toISOString() ?? null,
    rests_until: row.rests_until?.toISOString() ?? null,
  }));
}

/** A delivery as the API lists it. Times are ISO 8601. */
export interface DeliveryRow {
  id: string;
  /** The event's number in the log, and Stripe's id of it. */
  seq: number;
  event: string;
  type: string;
  status: DeliveryStatus;
  attempts: number;
  response_status: number | null;
  last_error: string | null;
  created_at: string;
  next_attempt_at: string | null;
  last_attempt_at: string | null;
  delivered_at: string | null;
}

export interface DeliveryFilter {
  status: DeliveryStatus | null;
  /** Only what stands behind this `seq`. */
  after: number;
  limit: number;
}

/** A page of a sink's deliveries in the order of the log. */
export async function listDeliveries(
  pool: Parameters<typeof sqlPlannedEachTime>[0],
  sink: string,
  { status, after, limit }: DeliveryFilter,
): Promise<DeliveryRow[]> {
  const rows = await sqlPlannedEachTime(pool)<Record<keyof DeliveryRow, unknown> & RawDelivery>`
    select d.id, d.seq, e.id as event, d.type, d.status, d.attempts, d.response_status, d.last_error,
           d.created_at, d.next_attempt_at, d.last_attempt_at, d.delivered_at
    from quittance.sink_delivery d join quittance.event e on e.seq = d.seq
    where d.sink = ${sink} and d.seq > ${after} and (${status}::text is null or d.status = ${status})
    order by d.seq limit ${limit}`;
  return rows.map((row) => ({
    ...(row as unknown as DeliveryRow),
    last_error: row.last_error === null ? null : redact(row.last_error),
    created_at: row.created_at.toISOString(),
    next_attempt_at: row.status === 'pending' ? row.next_attempt_at.toISOString() : null,
    last_attempt_at: row.last_attempt_at?.toISOString() ?? null,
    delivered_at: row.delivered_at?.toISOString() ?? null,
  }));
}

interface RawDelivery {
  last_error: string | null;
  created_at: Date;
  next_attempt_at: Date;
  last_attempt_at: Date | null;
  delivered_at: Date | null;
}

/** What is to be sent again. */
export interface ReplayFilter {
  status: 'dead' | 'delivered' | null;
  type: string | null;
  /** Of when it was first queued, ISO 8601: from this time on, and before that. */
  from: string | null;
  to: string | null;
  ids: string[] | null;
}

/** Puts deliveries that have ended back among those that are due, the oldest first. Returns how many. */
export async function requeue(
  sql: Sql,
  sink: string,
  { status, type, from, to, ids }: ReplayFilter,
  limit: number,
): Promise<number> {
  const rows = await sql`
    update quittance.sink_delivery set
      status = 'pending', attempts = 0, queued_at = now(), next_attempt_at = now()
    where id in (
      select id from quittance.sink_delivery
      where sink = ${sink} and status <> 'pending' and (${status}::text is null or status = ${status})
        and (${type}::text is null or type = ${type})
        and (${from}::timestamptz is null or created_at >= ${from}::timestamptz)
        and (${to}::timestamptz is null or created_at < ${to}::timestamptz)
        and (${ids}::text[] is null or id = any (${ids}::text[]))
      order by seq limit ${limit} for update)
    returning id`;
  return rows.length;
}
