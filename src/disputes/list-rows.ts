import type { Sql } from '../db/sql.ts';
import type { Side } from '../orders/rows.ts';
import { UNANSWERED_STATUSES, type DisputeRow } from './dispute.ts';
import { readDispute, type RawDispute } from './rows.ts';

export interface DisputeFilter {
  livemode: boolean;
  status: string | null;
  order: string | null;
  account: string | null;
  /** Only those that are not over, or only those that are. */
  open: boolean | null;
  /** Only those that the bank waits for an answer to, or only the others. */
  unanswered: boolean | null;
  /** Only those whose evidence has to be there before. */
  due_before: string | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** Disputes, the latest first. */
export async function disputesByTime(sql: Sql, filter: DisputeFilter): Promise<DisputeRow[]> {
  const rows = await sql<RawDispute>`
    select * from quittance.dispute
    where livemode = ${filter.livemode}
      and (${filter.status}::text is null or status = ${filter.status})
      and (${filter.order}::text is null or order_id = ${filter.order})
      and (${filter.account}::text is null or account = ${filter.account})
      and (${filter.open}::boolean is null or (closed_at is null) = ${filter.open})
      and (${filter.unanswered}::boolean is null
        or (status = any (${UNANSWERED_STATUSES}::text[])) = ${filter.unanswered})
      and (${filter.due_before}::timestamptz is null or evidence_due_by < ${filter.due_before})
      and (${filter.after}::text is null or (opened_at, id) < (
        select opened_at, id from quittance.dispute
        where livemode = ${filter.livemode} and id = ${filter.after} limit 1))
    order by opened_at desc, id desc limit ${filter.limit}`;
  return rows.map(readDispute);
}

/** Disputes by their deadline, the nearest first; those without one last. */
export async function disputesByDeadline(sql: Sql, filter: DisputeFilter): Promise<DisputeRow[]> {
  const rows = await sql<RawDispute>`
    select * from quittance.dispute
    where livemode = ${filter.livemode}
      and (${filter.status}::text is null or status = ${filter.status})
      and (${filter.order}::text is null or order_id = ${filter.order})
      and (${filter.account}::text is null or account = ${filter.account})
      and (${filter.open}::boolean is null or (closed_at is null) = ${filter.open})
      and (${filter.unanswered}::boolean is null
        or (status = any (${UNANSWERED_STATUSES}::text[])) = ${filter.unanswered})
      and (${filter.due_before}::timestamptz is null or evidence_due_by < ${filter.due_before})
      and (${filter.after}::text is null
        or (coalesce(evidence_due_by, 'infinity'::timestamptz), id) > (
          select coalesce(evidence_due_by, 'infinity'::timestamptz), id from quittance.dispute
          where livemode = ${filter.livemode} and id = ${filter.after} limit 1))
    order by coalesce(evidence_due_by, 'infinity'::timestamptz), id limit ${filter.limit}`;
  return rows.map(readDispute);
}

/** An event that told of a dispute. */
export interface DisputeEvent {
  id: string;
  type: string;
  created: string | null;
  received_at: string;
}

/** The latest events about a dispute, the first of them first. */
export async function eventsOf(
  sql: Sql,
  { account, livemode }: Side,
  id: string,
  limit: number,
): Promise<DisputeEvent[]> {
  const rows = await sql<{ id: string; type: string; created: Date | null; received_at: Date }>`
    select id, type, created, received_at from quittance.event
    where object_id = ${id} and account = ${account} and livemode = ${livemode}
    order by seq desc limit ${limit}`;
  return rows.toReversed().map((row) => ({
    ...row,
    created: row.created?.toISOString() ?? null,
    received_at: row.received_at.toISOString(),
  }));
}
