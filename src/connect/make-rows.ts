import type { Sql } from '../db/sql.ts';
import { readSeller, type RawSeller } from './rows.ts';
import type { SellerMode, SellerRow } from './seller.ts';
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
  const rows = await sql<RawSeller>`
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
  return rows[0] ? readSeller(rows[0]) : null;
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
  const rows = await sql<RawSeller>`
    update quittance.seller
    set mode = ${seller.mode}, preset = ${seller.preset}, api = ${seller.api}, name = ${seller.name},
        email = ${seller.email}, country = ${seller.country}, business_type = ${seller.businessType},
        create_params = ${seller.createParams && JSON.stringify(seller.createParams)},
        request_hashes = ${JSON.stringify(seller.requestHashes)}, reason = null,
        updated_at = now(), version = version + 1
    where id = ${seller.id} and account is null and create_tried_at is null and reason = ${REFUSED}
    returning *`;
  return rows[0] ? readSeller(rows[0]) : null;
}

/** Takes back a row that was written for an account which turned out to be another seller's. */
export async function deleteSeller(sql: Sql, id: string): Promise<void> {
  await sql`delete from quittance.seller where id = ${id} and account is null`;
}

/** Sellers whose account was being made when everything stopped: Stripe may have made it. */
export async function sellersWithoutAccount(
  sql: Sql,
  livemode: boolean,
  limit: number,
): Promise<SellerRow[]> {
  const rows = await sql<RawSeller>`
    select * from quittance.seller
    where livemode = ${livemode} and account is null and create_params is not null
      and create_tried_at < now() - interval '5 minutes'
    order by create_tried_at limit ${limit}`;
  return rows.map(readSeller);
}
