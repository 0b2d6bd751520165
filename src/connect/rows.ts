import type { Sql } from '../db/sql.ts';
import type { SellerRow, SellerStatus, Standing } from './seller.ts';

export async function sellerById(sql: Sql, id: string): Promise<SellerRow | null> {
  const rows = await sql<RawSeller>`select * from quittance.seller where id = ${id}`;
  return rows[0] ? readSeller(rows[0]) : null;
}

export async function sellerByReference(
  sql: Sql,
  livemode: boolean,
  reference: string,
): Promise<SellerRow | null> {
  const rows = await sql<RawSeller>`
    select * from quittance.seller where livemode = ${livemode} and reference = ${reference}`;
  return rows[0] ? readSeller(rows[0]) : null;
}

export async function sellerByAccount(
  sql: Sql,
  account: string,
  livemode: boolean,
): Promise<SellerRow | null> {
  const rows = await sql<RawSeller>`
    select * from quittance.seller where livemode = ${livemode} and account = ${account}`;
  return rows[0] ? readSeller(rows[0]) : null;
}

/**
 * Locks a seller until the transaction ends and reads it as it is then. Not `for update`, which would stop
 * what only refers to the seller: a payout being kept and this, waiting for each other, were a deadlock.
 */
export async function lockSeller(sql: Sql, id: string): Promise<SellerRow | null> {
  const rows = await sql<RawSeller>`select * from quittance.seller where id = ${id} for no key update`;
  return rows[0] ? readSeller(rows[0]) : null;
}

export interface SellerFilter {
  livemode: boolean;
  status: SellerStatus | null;
  reference?: string | null;
  account?: string | null;
  /** A part of its id, account, reference, name or address. */
  search?: string | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** Sellers in the order of their ids. */
export async function listSellers(sql: Sql, filter: SellerFilter): Promise<SellerRow[]> {
  const { reference = null, account = null, search = null } = filter;
  const rows = await sql<RawSeller>`
    select * from quittance.seller
    where livemode = ${filter.livemode}
      and (${filter.status}::text is null or status = ${filter.status})
      and (${reference}::text is null or reference = ${reference})
      and (${account}::text is null or account = ${account})
      and (${search}::text is null or strpos(
        lower(concat_ws(' ', id, account, reference, name, email) collate "default"), lower(${search})) > 0)
      and (${filter.after}::text is null or id > ${filter.after})
    order by id limit ${filter.limit}`;
  return rows.map(readSeller);
}

/**
 * Stores which account a seller has; what Stripe was asked for goes. Whoever calls it admits the account
 * (`admitAccount`) in the same transaction and syncs it after. Null when the seller has another account.
 */
export async function takeAccount(sql: Sql, id: string, account: string): Promise<SellerRow | null> {
  const rows = await sql<RawSeller>`
    update quittance.seller
    set account = ${account}, create_params = null, status = 'not_started', reason = null,
        connected_at = coalesce(case when status <> 'disconnected' then connected_at end, now()),
        disconnected_at = null, updated_at = now(), version = version + 1
    where id = ${id} and (account is null or account = ${account}) returning *`;
  return rows[0] ? readSeller(rows[0]) : null;
}

/** Writes what Stripe said of a seller's account, in this transaction or so many seconds before it. */
export async function saveStanding(
  sql: Sql,
  id: string,
  standing: Standing,
  readSecondsAgo = 0,
): Promise<SellerRow> {
  const rows = await sql<RawSeller>`
    update quittance.seller
    set status = ${standing.status}, requirements = ${JSON.stringify(standing.requirements)},
        reason = ${standing.reason}, charges_enabled = ${standing.charges_enabled},
        payouts_enabled = ${standing.payouts_enabled}, details_submitted = ${standing.details_submitted},
        default_currency = ${standing.default_currency},
        dashboard = coalesce(${standing.dashboard}, dashboard),
        name = coalesce(${standing.name}, name), email = coalesce(${standing.email}, email),
        country = coalesce(${standing.country}, country),
        disconnected_at = case when ${standing.status} = 'disconnected'
          then coalesce(disconnected_at, now()) end,
        checked_at = now() - ${readSecondsAgo} * interval '1 second',
        updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readSeller(rows[0] as RawSeller);
}

/** Marks a seller as no longer ours. The account's id stays, so that what it did can still be told. */
export async function markDisconnected(sql: Sql, id: string, reason: string): Promise<SellerRow> {
  const rows = await sql<RawSeller>`
    update quittance.seller
    set status = 'disconnected', reason = ${reason}, requirements = '[]', charges_enabled = false,
        payouts_enabled = false, disconnected_at = coalesce(disconnected_at, now()),
        checked_at = now(), updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readSeller(rows[0] as RawSeller);
}

/** Notes that Stripe was asked and nothing was new, or could not tell. */
export async function noteSellerChecked(sql: Sql, id: string): Promise<void> {
  await sql`update quittance.seller set checked_at = now() where id = ${id}`;
}

/**
 * Sellers whose account should be read because no event told of them: a ready one once a day; others the more
 * seldom the longer they have been with us, from a quarter of an hour to a day.
 */
export async function sellersToCheck(sql: Sql, livemode: boolean, limit: number): Promise<SellerRow[]> {
  const rows = await sql<RawSeller>`
    select * from quittance.seller
    where livemode = ${livemode} and account is not null and status <> 'disconnected'
      and checked_at < now() - case when status = 'ready' then interval '1 day' else
        least(interval '1 day', greatest(interval '15 minutes', (now() - connected_at) / 20)) end
    order by checked_at limit ${limit}`;
  return rows.map(readSeller);
}

/**
 * True when the account was read after this event had arrived, so that reading it again tells nothing new. An
 * event older than a minute is run because somebody wants it to be, so it is not asked about.
 */
export async function isReadSince(
  sql: Sql,
  id: string,
  { event, account, livemode }: { event: string; account: string; livemode: boolean },
): Promise<boolean> {
  const rows = await sql`
    select from quittance.seller s, quittance.event e
    where s.id = ${id} and e.id = ${event} and e.account = ${account} and e.livemode = ${livemode}
      and s.checked_at > e.received_at and e.received_at > now() - interval '1 minute'`;
  return rows.length > 0;
}

/** Orders for this seller, alone or with others, that a buyer could still pay by a payment link. */
export async function openOrdersOf(
  sql: Sql,
  seller: string,
): Promise<{ id: string; account: string; checkout_session: string }[]> {
  return sql<{ id: string; account: string; checkout_session: string }>`
    select o.id, o.account, o.checkout_session
    from quittance.order_share s join quittance.orders o on o.id = s.order_id
    where s.seller = ${seller} and o.status in ('pending', 'failed') and o.checkout_session is not null`;
}

/** A seller as PostgreSQL gives it. */
export interface RawSeller extends Omit<
  SellerRow,
  'created_at' | 'checked_at' | 'connected_at' | 'disconnected_at' | 'create_tried_at'
> {
  created_at: Date;
  checked_at: Date;
  connected_at: Date | null;
  disconnected_at: Date | null;
  create_tried_at: Date | null;
}

export function readSeller(raw: RawSeller): SellerRow {
  return {
    ...raw,
    created_at: raw.created_at.toISOString(),
    checked_at: raw.checked_at.toISOString(),
    connected_at: raw.connected_at?.toISOString() ?? null,
    disconnected_at: raw.disconnected_at?.toISOString() ?? null,
    create_tried_at: raw.create_tried_at?.toISOString() ?? null,
  };
}
