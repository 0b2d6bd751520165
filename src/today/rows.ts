import type { Sql } from '../db/sql.ts';

/** Whose figures: everybody's, or those of one seller. */
export interface Scope {
  livemode: boolean;
  /** The connected account, or null for everybody. */
  account: string | null;
  /** The seller behind the account; `''` when there is none. Null for everybody. */
  seller: string | null;
}

/** From an instant to another, which is no part of it. */
export interface Span {
  name: string;
  from: Date;
  to: Date;
}

export interface Sum {
  span: string;
  currency: string;
  amount: number;
  count: number;
}

/** Orders that were paid, or whose last payment attempt failed, and how many of them were paid. */
export interface Tried {
  tried: number;
  paid: number;
}

/** The seller an account belongs to; `''` when it is none of ours. */
export async function sellerOfAccount(sql: Sql, livemode: boolean, account: string): Promise<string> {
  const rows = await sql<{ id: string }>`
    select id from quittance.seller where livemode = ${livemode} and account = ${account}`;
  return rows[0]?.id ?? '';
}

/** What was paid in each span, for each currency: read from the index alone, a span after the other. */
export function paidIn(sql: Sql, livemode: boolean, spans: readonly Span[]): Promise<Sum[]> {
  const { names, starts, ends } = columnsOf(spans);
  return sql<Sum>`
    select span.name as span, paid.* from
      unnest(${names}::text[], ${starts}::timestamptz[], ${ends}::timestamptz[])
        as span (name, starts, ends),
      lateral (
        select currency, sum(amount)::bigint as amount, count(*) as count from quittance.orders
        where livemode = ${livemode} and paid_at >= span.starts and paid_at < span.ends
        group by currency) paid`;
}

/** What was refunded in each span, and did not fail. */
export function refundedIn(sql: Sql, livemode: boolean, spans: readonly Span[]): Promise<Sum[]> {
  const { names, starts, ends } = columnsOf(spans);
  return sql<Sum>`
    select span.name as span, returned.* from
      unnest(${names}::text[], ${starts}::timestamptz[], ${ends}::timestamptz[])
        as span (name, starts, ends),
      lateral (
        select currency, sum(amount)::bigint as amount, count(*) as count from quittance.refund
        where livemode = ${livemode} and created_at >= span.starts and created_at < span.ends
          and status in ('requested', 'pending', 'requires_action', 'succeeded')
        group by currency) returned`;
}

/** Of the orders begun between two instants. */
export async function triedIn(sql: Sql, livemode: boolean, { from, to }: Omit<Span, 'name'>): Promise<Tried> {
  const rows = await sql<Tried>`
    select count(*) as tried, count(paid_at) as paid from quittance.orders
    where livemode = ${livemode} and created_at >= ${from} and created_at < ${to}
      and (paid_at is not null or (status in ('failed', 'expired') and problem is not null))`;
  return rows[0] as Tried;
}

/** Spans as columns, for `unnest`. */
export function columnsOf(spans: readonly Span[]): { names: string[]; starts: Date[]; ends: Date[] } {
  return {
    names: spans.map(({ name }) => name),
    starts: spans.map(({ from }) => from),
    ends: spans.map(({ to }) => to),
  };
}

/** What waits for somebody. */
export interface Waiting {
  orders_in_review: number;
  sellers_not_ready: number;
  disputes_open: number;
  /** The open dispute whose evidence is due next, if any. */
  dispute: string | null;
  evidence_due_by: Date | null;
  has_payments: boolean;
}

/**
 * For everybody or one seller, so `sql` should plan each time. `unanswered`: the statuses of a dispute in
 * which the bank waits for an answer.
 */
export async function waiting(
  sql: Sql,
  { livemode, account, seller }: Scope,
  unanswered: readonly string[],
): Promise<Waiting> {
  const rows = await sql<Waiting>`
    with open as materialized (
      select d.id, d.status, d.evidence_due_by from quittance.dispute d
      where d.livemode = ${livemode} and d.closed_at is null
        and (${seller}::text is null or d.account = ${account} or exists (
          select from quittance.order_share share
          where share.order_id = d.order_id and share.seller = ${seller})))
    select
      (select count(*) from quittance.orders o where o.livemode = ${livemode} and o.status = 'review'
        and (${seller}::text is null or exists (select from quittance.order_share share
          where share.order_id = o.id and share.seller = ${seller}))) as orders_in_review,
      (select count(*) from quittance.seller s where s.livemode = ${livemode}
        and s.status in ('not_started', 'incomplete', 'under_review', 'restricted')
        and (${seller}::text is null or s.id = ${seller})) as sellers_not_ready,
      (select count(*) from open) as disputes_open,
      next.id as dispute, next.evidence_due_by,
      exists (select from quittance.orders o
        where o.livemode = ${livemode} and o.paid_at is not null) as has_payments
    from (values (1)) as one left join lateral (
      select id, evidence_due_by from open
      where evidence_due_by is not null and status = any (${[...unanswered]}::text[])
      order by evidence_due_by limit 1) next on true`;
  return rows[0] as Waiting;
}

export interface Alarm {
  code: string;
  subject: string;
  detail: string;
  count: number;
  last_at: Date;
}

/** The alarms since then, the latest first. */
export function alarmsSince(sql: Sql, since: Date, limit: number): Promise<Alarm[]> {
  return sql<Alarm>`
    select code, subject, detail, count, last_at from quittance.alarm
    where last_at >= ${since} order by last_at desc limit ${limit}`;
}
