import type { Sql } from '../db/sql.ts';
import type { Sealed } from './vault.ts';

/**
 * What is kept: tokens that OAuth gave for an account, the restricted key it made for us, secrets of its users
 * (`account/<name>`, `user/<usr_…>/<name>`), and tokens of other services, by the connection's name.
 */
export type VaultKind = 'stripe_token' | 'restricted_key' | 'secret' | 'connection';

/** Where a value is kept; `owner` is an install. */
export interface VaultPlace {
  owner: string;
  kind: VaultKind;
  name: string;
}

export interface VaultRow extends Sealed {
  name: string;
  expires_at: Date | null;
  /** Grows with each new value. */
  version: number;
}

/** What a value of this place is sealed for. */
export function boundTo({ owner, kind, name }: VaultPlace): string {
  return `${owner}/${kind}/${name}`;
}

/** Keeps a value in place of the one before; returns its version. */
export async function putVault(
  sql: Sql,
  { owner, kind, name }: VaultPlace,
  { key_id, sealed }: Sealed,
  expiresAt: Date | null,
): Promise<number> {
  const rows = await sql<{ version: number }>`
    insert into quittance.vault as kept (owner, kind, name, key_id, sealed, expires_at)
    values (${owner}, ${kind}, ${name}, ${key_id}, ${sealed}, ${expiresAt})
    on conflict (owner, kind, name) do update
    set key_id = excluded.key_id, sealed = excluded.sealed, expires_at = excluded.expires_at,
      version = kept.version + 1, updated_at = now()
    returning version`;
  return (rows[0] as { version: number }).version;
}

export async function vaultRow(sql: Sql, { owner, kind, name }: VaultPlace): Promise<VaultRow | null> {
  const rows = await sql<VaultRow>`
    select name, key_id, sealed, expires_at, version from quittance.vault
    where owner = ${owner} and kind = ${kind} and name = ${name}`;
  return rows[0] ?? null;
}

/** The same, and nobody else changes it before the transaction ends. */
export async function lockVault(sql: Sql, { owner, kind, name }: VaultPlace): Promise<VaultRow | null> {
  const rows = await sql<VaultRow>`
    select name, key_id, sealed, expires_at, version from quittance.vault
    where owner = ${owner} and kind = ${kind} and name = ${name}
    for update`;
  return rows[0] ?? null;
}

/** False when there was none. */
export async function deleteVault(sql: Sql, { owner, kind, name }: VaultPlace): Promise<boolean> {
  const rows = await sql`
    delete from quittance.vault
    where owner = ${owner} and kind = ${kind} and name = ${name}
    returning name`;
  return rows.length === 1;
}

/** Everything of one kind that is kept for an owner, by name. */
export async function vaultNames(sql: Sql, owner: string, kind: VaultKind): Promise<VaultRow[]> {
  return sql<VaultRow>`
    select name, key_id, sealed, expires_at, version from quittance.vault
    where owner = ${owner} and kind = ${kind}
    order by name`;
}

/** Deletes all that is kept for an owner, and says how much of each kind it was. */
export async function deleteVaultOf(sql: Sql, owner: string): Promise<Record<VaultKind, number>> {
  const rows = await sql<{ kind: VaultKind; deleted: number }>`
    with deleted as (delete from quittance.vault where owner = ${owner} returning kind)
    select kind, count(*)::int as deleted from deleted group by kind`;
  const none = { stripe_token: 0, restricted_key: 0, secret: 0, connection: 0 };
  return rows.reduce((sums, { kind, deleted }) => ({ ...sums, [kind]: deleted }), none);
}

/** The next places after one, in their order, that hold something sealed with another key than this. */
export async function sealedWithOther(
  sql: Sql,
  keyId: string,
  limit: number,
  after: VaultPlace | null = null,
): Promise<(VaultPlace & Sealed)[]> {
  const { owner = '', kind = '', name = '' } = after ?? {};
  return sql<VaultPlace & Sealed>`
    select owner, kind, name, key_id, sealed from quittance.vault
    where key_id <> ${keyId} and (owner, kind, name) > (${owner}, ${kind}, ${name})
    order by owner, kind, name limit ${limit}`;
}

/**
 * Puts the same value back, sealed anew. False when it is not the value it was: whoever changed it meanwhile
 * has sealed it themselves, and theirs stays.
 */
export async function resealVault(
  sql: Sql,
  { owner, kind, name }: VaultPlace,
  before: Sealed,
  after: Sealed,
): Promise<boolean> {
  const rows = await sql`
    update quittance.vault set key_id = ${after.key_id}, sealed = ${after.sealed}
    where owner = ${owner} and kind = ${kind} and name = ${name} and sealed = ${before.sealed}
    returning name`;
  return rows.length === 1;
}

/** How much is sealed with each key. */
export async function countByKey(sql: Sql): Promise<{ key_id: string; count: number }[]> {
  return sql<{ key_id: string; count: number }>`
    select key_id, count(*)::int as count from quittance.vault group by key_id order by key_id`;
}
