import type { Sql } from '../db/sql.ts';
import type { Side } from '../orders/rows.ts';

/** A bank's report of a payment as fraud. Times are ISO 8601. */
export interface FraudWarning {
  id: string;
  /** The connected account that was paid directly, or null for our own. */
  account: string | null;
  livemode: boolean;
  /** Null when the payment is no order of ours. */
  order: string | null;
  charge: string;
  fraud_type: string;
  /** It could still be refunded before a dispute comes. */
  actionable: boolean;
  created_at: string;
}

export interface NewWarning extends Side {
  id: string;
  orderId: string | null;
  charge: string;
  fraudType: string;
  actionable: boolean;
  createdAt: Date;
}

/** Writes what Stripe says of a warning. `fresh`: it was not known before. */
export async function saveWarning(
  sql: Sql,
  warning: NewWarning,
): Promise<{ warning: FraudWarning; fresh: boolean }> {
  const rows = await sql<Raw & { fresh: boolean }>`
    insert into quittance.fraud_warning as known
      (id, account, livemode, order_id, charge, fraud_type, actionable, created_at)
    values (${warning.id}, ${warning.account}, ${warning.livemode}, ${warning.orderId}, ${warning.charge},
      ${warning.fraudType}, ${warning.actionable}, ${warning.createdAt})
    on conflict (account, livemode, id) do update
    set order_id = coalesce(known.order_id, excluded.order_id), fraud_type = excluded.fraud_type,
        actionable = excluded.actionable, updated_at = now()
    returning *, xmax = 0 as fresh`;
  const row = rows[0] as Raw & { fresh: boolean };
  return { warning: readRow(row), fresh: row.fresh };
}

export interface WarningFilter {
  livemode: boolean;
  actionable: boolean | null;
  order: string | null;
  account: string | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** Warnings, the latest first. */
export async function listWarnings(sql: Sql, filter: WarningFilter): Promise<FraudWarning[]> {
  const rows = await sql<Raw>`
    select * from quittance.fraud_warning
    where livemode = ${filter.livemode}
      and (${filter.actionable}::boolean is null or actionable = ${filter.actionable})
      and (${filter.order}::text is null or order_id = ${filter.order})
      and (${filter.account}::text is null or account = ${filter.account})
      and (${filter.after}::text is null or (created_at, id) < (
        select created_at, id from quittance.fraud_warning
        where livemode = ${filter.livemode} and id = ${filter.after} limit 1))
    order by created_at desc, id desc limit ${filter.limit}`;
  return rows.map(readRow);
}

interface Raw extends Omit<FraudWarning, 'order' | 'created_at'> {
  order_id: string | null;
  created_at: Date;
}

function readRow({
  id,
  account,
  livemode,
  order_id,
  charge,
  fraud_type,
  actionable,
  created_at,
}: Raw): FraudWarning {
  return {
    id,
    account: account === '' ? null : account,
    livemode,
    order: order_id,
    charge,
    fraud_type,
    actionable,
    created_at: created_at.toISOString(),
  };
}
