import type { Sql } from '../db/sql.ts';
import type { Side } from '../orders/rows.ts';
import type { RefundRow, RefundStatus } from './refund.ts';

export interface NewRefund extends Side {
  id: string;
  orderId: string;
  amount: number;
  currency: string;
  reason: string | null;
  reverseTransfer: boolean;
  refundApplicationFee: boolean;
  status: RefundStatus;
  stripeRefund: string | null;
  source: 'api' | 'stripe';
  requestKey: string | null;
  requestHash: string | null;
}

/** Writes a refund down, under its order's lock. */
export async function insertRefund(sql: Sql, refund: NewRefund): Promise<RefundRow> {
  const rows = await sql<Raw>`
    insert into quittance.refund
      (id, account, livemode, order_id, amount, currency, reason, reverse_transfer, refund_application_fee,
       status, stripe_refund, source, request_key, request_hash)
    values
      (${refund.id}, ${refund.account}, ${refund.livemode}, ${refund.orderId}, ${refund.amount},
       ${refund.currency}, ${refund.reason}, ${refund.reverseTransfer}, ${refund.refundApplicationFee},
       ${refund.status}, ${refund.stripeRefund}, ${refund.source}, ${refund.requestKey},
       ${refund.requestHash})
    returning *`;
  return readRow(rows[0] as Raw);
}

export async function refundById(sql: Sql, id: string): Promise<RefundRow | null> {
  const rows = await sql<Raw>`select * from quittance.refund where id = ${id}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function refundByStripeId(
  sql: Sql,
  side: Side,
  stripeRefund: string,
): Promise<RefundRow | null> {
  const rows = await sql<Raw>`
    select * from quittance.refund
    where account = ${side.account} and livemode = ${side.livemode} and stripe_refund = ${stripeRefund}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function refundByRequestKey(
  sql: Sql,
  orderId: string,
  requestKey: string,
): Promise<RefundRow | null> {
  const rows = await sql<Raw>`
    select * from quittance.refund where order_id = ${orderId} and request_key = ${requestKey}`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Every refund of an order, oldest first. */
export async function refundsOf(sql: Sql, orderId: string): Promise<RefundRow[]> {
  const rows = await sql<Raw>`
    select * from quittance.refund where order_id = ${orderId} order by created_at, id`;
  return rows.map(readRow);
}

/** A page of an order's refunds, oldest first, beginning behind the refund `after`. */
export async function refundPage(
  sql: Sql,
  orderId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<RefundRow[]> {
  const rows = await sql<Raw>`
    select * from quittance.refund
    where order_id = ${orderId}
      and (${after}::text is null
           or (created_at, id) > (select created_at, id from quittance.refund where id = ${after}))
    order by created_at, id limit ${limit}`;
  return rows.map(readRow);
}

/** How much of an order's refunds at Stripe the platform was told to pay alone, in minor units. */
export async function borneByPlatform(sql: Sql, orderId: string): Promise<number> {
  const rows = await sql<{ amount: number }>`
    select coalesce(sum(amount), 0)::bigint as amount from quittance.refund
    where order_id = ${orderId} and source = 'api' and not reverse_transfer
      and status in ('pending', 'requires_action', 'succeeded')`;
  return rows[0]?.amount ?? 0;
}

export interface RefundChange {
  status: RefundStatus;
  failureReason: string | null;
  stripeRefund: string | null;
}

/** Writes what Stripe says of a refund. */
export async function changeRefund(sql: Sql, id: string, change: RefundChange): Promise<RefundRow> {
  const rows = await sql<Raw>`
    update quittance.refund
    set status = ${change.status}, failure_reason = ${change.failureReason},
        stripe_refund = coalesce(${change.stripeRefund}, stripe_refund), updated_at = now()
    where id = ${id} returning *`;
  return readRow(rows[0] as Raw);
}

/** Refunds on their way that nothing was heard of for so many hours. */
export async function silentRefunds(
  sql: Sql,
  { livemode, hours, limit }: { livemode: boolean; hours: number; limit: number },
): Promise<RefundRow[]> {
  const rows = await sql<Raw>`
    select * from quittance.refund
    where status in ('pending', 'requires_action') and livemode = ${livemode}
      and updated_at < now() - make_interval(hours => ${hours})
    order by updated_at limit ${limit}`;
  return rows.map(readRow);
}

/** Notes that Stripe was asked in vain. */
export async function noteSilent(sql: Sql, id: string): Promise<void> {
  await sql`update quittance.refund set updated_at = now() where id = ${id}`;
}

interface Raw extends Omit<RefundRow, 'amount' | 'created_at' | 'updated_at'> {
  amount: number;
  currency: string;
  created_at: Date;
  updated_at: Date;
}

function readRow({ currency, ...raw }: Raw): RefundRow {
  return {
    ...raw,
    amount: { value: raw.amount, currency },
    created_at: raw.created_at.toISOString(),
    updated_at: raw.updated_at.toISOString(),
  };
}
