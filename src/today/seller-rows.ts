import type { Sql } from '../db/sql.ts';
import { columnsOf, type Span, type Sum, type Tried } from './rows.ts';

// These begin at the seller's shares: the index of payments would lead through everybody's orders.

/** What of the orders paid in each span was for a seller, for each currency. */
export function paidToSellerIn(sql: Sql, seller: string, spans: readonly Span[]): Promise<Sum[]> {
  const { names, starts, ends } = columnsOf(spans);
  return sql<Sum>`
    with sold as materialized (
      select o.paid_at, share.currency, share.amount
      from quittance.order_share share join quittance.orders o on o.id = share.order_id
      where share.seller = ${seller} and o.paid_at is not null)
    select span.name as span, sold.currency, sum(sold.amount)::bigint as amount, count(*) as count
    from unnest(${names}::text[], ${starts}::timestamptz[], ${ends}::timestamptz[])
        as span (name, starts, ends)
    join sold on sold.paid_at >= span.starts and sold.paid_at < span.ends
    group by span.name, sold.currency`;
}

/** What was refunded in each span, and did not fail, of the orders a seller has part in. */
export function refundedOfSellerIn(sql: Sql, seller: string, spans: readonly Span[]): Promise<Sum[]> {
  const { names, starts, ends } = columnsOf(spans);
  return sql<Sum>`
    with returned as materialized (
      select refund.created_at, refund.currency, refund.amount
      from quittance.order_share share join quittance.refund on refund.order_id = share.order_id
      where share.seller = ${seller}
        and refund.status in ('requested', 'pending', 'requires_action', 'succeeded'))
    select span.name as span, returned.currency, sum(returned.amount)::bigint as amount, count(*) as count
    from unnest(${names}::text[], ${starts}::timestamptz[], ${ends}::timestamptz[])
        as span (name, starts, ends)
    join returned on returned.created_at >= span.starts and returned.created_at < span.ends
    group by span.name, returned.currency`;
}

/** Of the orders begun between two instants that a seller has part in. */
export async function triedOfSellerIn(
  sql: Sql,
  seller: string,
  { from, to }: Omit<Span, 'name'>,
): Promise<Tried> {
  const rows = await sql<Tried>`
    select count(*) as tried, count(o.paid_at) as paid
    from quittance.order_share share join quittance.orders o on o.id = share.order_id
    where share.seller = ${seller} and o.created_at >= ${from} and o.created_at < ${to}
      and (o.paid_at is not null or (o.status in ('failed', 'expired') and o.problem is not null))`;
  return rows[0] as Tried;
}
