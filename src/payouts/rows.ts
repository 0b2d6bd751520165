import type { Sql } from '../db/sql.ts';
import type { Side } from '../orders/rows.ts';
import type { PayoutRow, PayoutStatus } from './payout.ts';

// A payout goes from left to right, and may leave out what it likes.
const ONWARDS = ['pending', 'in_transit', 'paid', 'canceled', 'failed'] as const satisfies PayoutStatus[];

/** A payout as Stripe told it. */
export type ToldPayout = Omit<PayoutRow, 'seller'>;

export interface StoredPayout {
  row: PayoutRow;
  /** Has it just become `failed`? True for one caller only. */
  hasFailed: boolean;
}

/**
 * Stores what Stripe told of a payout, and whose it is. A payout only goes forward (pending, in_transit,
 * paid, then canceled or failed): what an older answer said changes nothing.
 */
export async function storePayout(sql: Sql, told: ToldPayout): Promise<StoredPayout> {
  await sql`
    insert into quittance.payout
      (id, account, livemode, seller, amount, currency, status, method, automatic, arrival_date, created_at)
    values
      (${told.id}, ${told.account}, ${told.livemode},
       (select id from quittance.seller where account = ${told.account} and livemode = ${told.livemode}),
       ${told.amount}, ${told.currency}, 'pending', ${told.method}, ${told.automatic}, ${told.arrival_date},
       ${told.created_at})
    on conflict do nothing`;
  const rows = await sql<Raw & { was: PayoutStatus }>`
    with before as (
      select id, status from quittance.payout
      where account = ${told.account} and livemode = ${told.livemode} and id = ${told.id} for update
    )
    update quittance.payout p
    set status = ${told.status}, arrival_date = ${told.arrival_date}, method = ${told.method},
        seller = coalesce(p.seller, (select id from quittance.seller
          where account = ${told.account} and livemode = ${told.livemode})),
        failure_code = ${told.failure_code}, failure_message = ${told.failure_message}, updated_at = now()
    from before
    where p.account = ${told.account} and p.livemode = ${told.livemode} and p.id = before.id
      and array_position(${ONWARDS}::text[], before.status::text)
        <= array_position(${ONWARDS}::text[], ${told.status}::text)
    returning p.*, before.status as was`;
  const [changed] = rows;
  if (changed) {
    return { row: readRow(changed), hasFailed: changed.status === 'failed' && changed.was !== 'failed' };
  }
  const [kept] = await sql<Raw>`
    select * from quittance.payout
    where account = ${told.account} and livemode = ${told.livemode} and id = ${told.id}`;
  return { row: readRow(kept as Raw), hasFailed: false };
}

export async function payoutById(
  sql: Sql,
  { account, livemode, id }: Pick<PayoutRow, 'account' | 'livemode' | 'id'>,
): Promise<PayoutRow | null> {
  const rows = await sql<Raw>`
    select * from quittance.payout
    where account = ${account} and livemode = ${livemode} and id = ${id}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export interface PayoutFilter extends Side {
  status: PayoutStatus | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** The payouts that are kept of an account, newest first. */
export async function keptPayouts(sql: Sql, filter: PayoutFilter): Promise<PayoutRow[]> {
  const rows = await sql<Raw>`
    select p.* from quittance.payout p
    left join quittance.payout a
      on a.account = p.account and a.livemode = p.livemode and a.id = ${filter.after}::text
    where p.account = ${filter.account} and p.livemode = ${filter.livemode}
      and (${filter.status}::text is null or p.status = ${filter.status})
      and (${filter.after}::text is null or (p.created_at, p.id) < (a.created_at, a.id))
    order by p.created_at desc, p.id desc limit ${filter.limit}`;
  return rows.map(readRow);
}

/** Connected sellers whose payouts were not read from Stripe for so long: the longest unread first. */
export async function sellersToRead(
  sql: Sql,
  { livemode, hours, limit }: { livemode: boolean; hours: number; limit: number },
): Promise<{ id: string; account: string }[]> {
  return sql<{ id: string; account: string }>`
    select id, account from quittance.seller
    where livemode = ${livemode} and account is not null and status not in ('not_started', 'disconnected')
      and coalesce(payouts_checked_at, '-infinity') < now() - make_interval(hours => ${hours})
    order by payouts_checked_at nulls first limit ${limit}`;
}

/** Notes that Stripe was asked for a seller's payouts, whatever it said. */
export async function notePayoutsRead(sql: Sql, seller: string): Promise<void> {
  await sql`update quittance.seller set payouts_checked_at = now() where id = ${seller}`;
}

/**
 * Which of our orders these charges, intents or order ids (`ids`, in any mixture) belong to: Stripe's id (or
 * the order's own) → order. `accounts` are those on which the payments may have been made.
 */
export async function ordersOf(
  sql: Sql,
  { accounts, livemode, ids }: { accounts: string[]; livemode: boolean; ids: string[] },
): Promise<Map<string, string>> {
  const rows = await sql<{ key: string; id: string }>`
    select charge as key, id from quittance.orders
    where charge = any(${ids}::text[]) and account = any(${accounts}::text[]) and livemode = ${livemode}
    union all
    select payment_intent, id from quittance.orders
    where payment_intent = any(${ids}::text[]) and account = any(${accounts}::text[])
      and livemode = ${livemode}
    union all
    select id, id from quittance.orders
    where id = any(${ids}::text[]) and account = any(${accounts}::text[]) and livemode = ${livemode}`;
  return new Map(rows.map(({ key, id }) => [key, id]));
}

interface Raw extends Omit<PayoutRow, 'arrival_date' | 'created_at'> {
  arrival_date: Date | null;
  created_at: Date;
}

function readRow(raw: Raw): PayoutRow {
  const { id, account, livemode, seller, amount, currency, status, method, automatic } = raw;
  return {
    id,
    account,
    livemode,
    seller,
    amount,
    currency,
    status,
    method,
    automatic,
    arrival_date: raw.arrival_date?.toISOString() ?? null,
    failure_code: raw.failure_code,
    failure_message: raw.failure_message,
    created_at: raw.created_at.toISOString(),
  };
}
