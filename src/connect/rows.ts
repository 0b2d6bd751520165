import type { Sql } from '../db/sql.ts';
import type { SellerMode, SellerRow, SellerStatus, Standing } from './seller.ts';
import type { ConnectSettings } from './settings.ts';

/** Why a seller has no account: Stripe would not make it. */
const REFUSED = 'stripe_refused';

export interface NewSeller {
  id: string;
  livemode: boolean;
  reference: string;
  mode: SellerMode;
  preset: ConnectSettings['preset'];
  api: ConnectSettings['api'];
  name: string | null;
  email: string | null;
  country: string | null;
  businessType: string | null;
  createParams: Record<string, unknown> | null;
  requestHashes: Record<string, string>;
}

/** Writes a seller down. Null when there is one of this reference already. */
export async function insertSeller(sql: Sql, seller: NewSeller): Promise<SellerRow | null> {
  const rows = await sql<Raw>`
    insert into quittance.seller
      (id, livemode, reference, mode, preset, api, name, email, country, business_type, create_params,
       request_hashes)
    values
      (${seller.id}, ${seller.livemode}, ${seller.reference}, ${seller.mode}, ${seller.preset},
       ${seller.api}, ${seller.name}, ${seller.email}, ${seller.country}, ${seller.businessType},
       ${seller.createParams && JSON.stringify(seller.createParams)},
       ${JSON.stringify(seller.requestHashes)})
    on conflict (livemode, reference) do nothing
    returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function sellerById(sql: Sql, id: string): Promise<SellerRow | null> {
  const rows = await sql<Raw>`select * from quittance.seller where id = ${id}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function sellerByReference(
  sql: Sql,
  livemode: boolean,
  reference: string,
): Promise<SellerRow | null> {
  const rows = await sql<Raw>`
    select * from quittance.seller where livemode = ${livemode} and reference = ${reference}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function sellerByAccount(
  sql: Sql,
  account: string,
  livemode: boolean,
): Promise<SellerRow | null> {
  const rows = await sql<Raw>`
    select * from quittance.seller where livemode = ${livemode} and account = ${account}`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Locks a seller until the transaction ends and reads it as it is then. */
export async function lockSeller(sql: Sql, id: string): Promise<SellerRow | null> {
  const rows = await sql<Raw>`select * from quittance.seller where id = ${id} for update`;
  return rows[0] ? readRow(rows[0]) : null;
}

export interface SellerFilter {
  livemode: boolean;
  status: SellerStatus | null;
  reference: string | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** Sellers in the order of their ids. */
export async function listSellers(sql: Sql, filter: SellerFilter): Promise<SellerRow[]> {
  const rows = await sql<Raw>`
    select * from quittance.seller
    where livemode = ${filter.livemode}
      and (${filter.status}::text is null or status = ${filter.status})
      and (${filter.reference}::text is null or reference = ${filter.reference})
      and (${filter.after}::text is null or id > ${filter.after})
    order by id limit ${filter.limit}`;
  return rows.map(readRow);
}

/**
 * Notes that Stripe is being asked for an account under the seller's present key, and answers with that
 * key's number. The time is the first one's: the key's age counts from there, however often it is used.
 */
export async function noteCreateTry(sql: Sql, id: string, at: Date): Promise<number> {
  const rows = await sql<{ create_attempt: number }>`
    update quittance.seller set create_tried_at = coalesce(create_tried_at, ${at})
    where id = ${id} returning create_attempt`;
  return rows[0]?.create_attempt ?? 1;
}

/** Begins a new idempotency key, unless somebody has done so since key `attempt` was used. */
export async function beginNextKey(sql: Sql, id: string, attempt: number, at: Date): Promise<void> {
  await sql`
    update quittance.seller set create_tried_at = ${at}, create_attempt = create_attempt + 1
    where id = ${id} and create_attempt = ${attempt}`;
}

/**
 * Stores which account a seller has; what Stripe was asked for goes. Whoever calls it admits the account
 * (`admitAccount`) in the same transaction and syncs it after. Null when the seller has another account.
 */
export async function takeAccount(sql: Sql, id: string, account: string): Promise<SellerRow | null> {
  const rows = await sql<Raw>`
    update quittance.seller
    set account = ${account}, create_params = null, status = 'not_started', reason = null,
        connected_at = coalesce(case when status <> 'disconnected' then connected_at end, now()),
        disconnected_at = null, updated_at = now(), version = version + 1
    where id = ${id} and (account is null or account = ${account}) returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Notes that Stripe refused to make the account: nothing is there, and the next try has a new key. */
export async function noteRefused(sql: Sql, id: string, attempt: number): Promise<void> {
  await sql`
    update quittance.seller
    set create_tried_at = null, create_attempt = create_attempt + 1, reason = ${REFUSED},
        updated_at = now(), version = version + 1
    where id = ${id} and create_attempt = ${attempt} and account is null`;
}

/** Puts another request in the place of one that Stripe refused. Null when it did not. */
export async function replaceRefused(sql: Sql, seller: NewSeller): Promise<SellerRow | null> {
  const rows = await sql<Raw>`
    update quittance.seller
    set mode = ${seller.mode}, preset = ${seller.preset}, api = ${seller.api}, name = ${seller.name},
        email = ${seller.email}, country = ${seller.country}, business_type = ${seller.businessType},
        create_params = ${seller.createParams && JSON.stringify(seller.createParams)},
        request_hashes = ${JSON.stringify(seller.requestHashes)}, reason = null,
        updated_at = now(), version = version + 1
    where id = ${seller.id} and account is null and create_tried_at is null and reason = ${REFUSED}
    returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Takes back a row that was written for an account which turned out to be another seller's. */
export async function deleteSeller(sql: Sql, id: string): Promise<void> {
  await sql`delete from quittance.seller where id = ${id} and account is null`;
}

/** Writes what Stripe said of a seller's account, in this transaction or at most so many seconds before it. */
export async function saveStanding(
  sql: Sql,
  id: string,
  standing: Standing,
  readSecondsAgo = 0,
): Promise<SellerRow> {
  const rows = await sql<Raw>`
    update quittance.seller
    set status = ${standing.status}, requirements = ${JSON.stringify(standing.requirements)},
        reason = ${standing.reason}, charges_enabled = ${standing.charges_enabled},
        payouts_enabled = ${standing.payouts_enabled}, details_submitted = ${standing.details_submitted},
        default_currency = ${standing.default_currency}, dashboard = coalesce(${standing.dashboard}, dashboard),
        name = coalesce(${standing.name}, name), email = coalesce(${standing.email}, email),
        country = coalesce(${standing.country}, country),
        disconnected_at = case when ${standing.status} = 'disconnected'
          then coalesce(disconnected_at, now()) end,
        checked_at = now() - ${readSecondsAgo} * interval '1 second', updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readRow(rows[0] as Raw);
}

/** Marks a seller as no longer ours. The account's id stays, so that what it did can still be told. */
export async function markDisconnected(sql: Sql, id: string, reason: string): Promise<SellerRow> {
  const rows = await sql<Raw>`
    update quittance.seller
    set status = 'disconnected', reason = ${reason}, requirements = '[]', charges_enabled = false,
        payouts_enabled = false, disconnected_at = coalesce(disconnected_at, now()),
        checked_at = now(), updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readRow(rows[0] as Raw);
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
  const rows = await sql<Raw>`
    select * from quittance.seller
    where livemode = ${livemode} and account is not null and status <> 'disconnected'
      and checked_at < now() - case when status = 'ready' then interval '1 day' else
        least(interval '1 day', greatest(interval '15 minutes', (now() - connected_at) / 20)) end
    order by checked_at limit ${limit}`;
  return rows.map(readRow);
}

/** Sellers whose account was being made when everything stopped: Stripe may have made it. */
export async function sellersWithoutAccount(
  sql: Sql,
  livemode: boolean,
  limit: number,
): Promise<SellerRow[]> {
  const rows = await sql<Raw>`
    select * from quittance.seller
    where livemode = ${livemode} and account is null and create_params is not null
      and create_tried_at < now() - interval '5 minutes'
    order by create_tried_at limit ${limit}`;
  return rows.map(readRow);
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

/** Orders for this seller that a buyer could still pay by a payment link. */
export async function openOrdersOf(
  sql: Sql,
  { id, account, livemode }: Pick<SellerRow, 'id' | 'account' | 'livemode'>,
): Promise<{ id: string; account: string; checkout_session: string }[]> {
  return sql<{ id: string; account: string; checkout_session: string }>`
    select id, account, checkout_session from quittance.orders o
    where livemode = ${livemode} and status in ('pending', 'failed') and checkout_session is not null
      and (destination = ${account} or exists (
        select from quittance.order_share where order_id = o.id and seller = ${id}))`;
}

interface Raw extends Omit<
  SellerRow,
  'created_at' | 'checked_at' | 'connected_at' | 'disconnected_at' | 'create_tried_at'
> {
  created_at: Date;
  checked_at: Date;
  connected_at: Date | null;
  disconnected_at: Date | null;
  create_tried_at: Date | null;
}

function readRow(raw: Raw): SellerRow {
  return {
    ...raw,
    created_at: raw.created_at.toISOString(),
    checked_at: raw.checked_at.toISOString(),
    connected_at: raw.connected_at?.toISOString() ?? null,
    disconnected_at: raw.disconnected_at?.toISOString() ?? null,
    create_tried_at: raw.create_tried_at?.toISOString() ?? null,
  };
}
