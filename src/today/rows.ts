import type { Sql } from '../db/sql.ts';

/**
 * Whose figures. These statements have an optional seller, so they want an `sql` that plans each time: with
 * one, they begin at the seller's shares, and without, at the index of payments.
 */
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

/** The seller an account belongs to; `''` when it is none of ours. */
export async function sellerOfAccount(sql: Sql, livemode: boolean, account: string): Promise<string> {
  const rows = await sql<{ id: string }>`
    select id from quittance.seller where livemode = ${livemode} and account = ${account}`;
  return rows[0]?.id ?? '';
}

/** What was paid in each span, for each currency; of a seller, what of it was for that seller. */
export function paidIn(sql: Sql, { livemode, seller }: Scope, spans: readonly Span[]): Promise<Sum[]> {
  return sql<Sum>`
    select span.name as span, paid.* from
      unnest(${namesOf(spans)}::text[], ${startsOf(spans)}::timestamptz[], ${endsOf(spans)}::timestamptz[])
        as span (name, starts, ends),
      lateral (
        select o.currency, sum(coalesce(share.amount, o.amount))::bigint as amount, count(*)::bigint as count
        from quittance.orders o left join quittance.order_share share
          on ${seller}::text is not null and share.order_id = o.id and share.seller = ${seller}
        where o.livemode = ${livemode} and o.paid_at >= span.starts and o.paid_at < span.ends
          and (${seller}::text is null or share.seller is not null)
        group by o.currency) paid
    order by paid.currency`;
}

/** What was refunded in each span, and did not fail; of a seller, of the orders it has part in. */
export function refundedIn(sql: Sql, { livemode, seller }: Scope, spans: readonly Span[]): Promise<Sum[]> {
  return sql<Sum>`
    select span.name as span, returned.* from
      unnest(${namesOf(spans)}::text[], ${startsOf(spans)}::timestamptz[], ${endsOf(spans)}::timestamptz[])
        as span (name, starts, ends),
      lateral (
        select refund.currency, sum(refund.amount)::bigint as amount, count(*)::bigint as count
        from quittance.refund
        where refund.livemode = ${livemode}
          and refund.created_at >= span.starts and refund.created_at < span.ends
          and refund.status in ('requested', 'pending', 'requires_action', 'succeeded')
          and (${seller}::text is null or exists (select from quittance.order_share share
            where share.order_id = refund.order_id and share.seller = ${seller}))
        group by refund.currency) returned
    order by returned.currency`;
}

/** Of the orders begun between two instants: how many were tried to be paid, and how many were paid. */
export async function triedIn(
  sql: Sql,
  { livemode, seller }: Scope,
  { from, to }: Omit<Span, 'name'>,
): Promise<{ tried: number; paid: number }> {
  const rows = await sql<{ tried: number; paid: number }>`
    select count(*)::bigint as tried, count(o.paid_at)::bigint as paid from quittance.orders o
    where o.livemode = ${livemode} and o.created_at >= ${from} and o.created_at < ${to}
      and (o.paid_at is not null or (o.status in ('failed', 'expired') and o.problem is not null))
      and (${seller}::text is null or exists (select from quittance.order_share share
        where share.order_id = o.id and share.seller = ${seller}))`;
  return rows[0] ?? { tried: 0, paid: 0 };
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

/** `unanswered`: the statuses of a dispute in which the bank waits for an answer. */
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

function namesOf(spans: readonly Span[]): string[] {
  return spans.map(({ name }) => name);
}

function startsOf(spans: readonly Span[]): Date[] {
  return spans.map(({ from }) => from);
}

function endsOf(spans: readonly Span[]): Date[] {
  return spans.map(({ to }) => to);
}
