import type { Sql } from '../../db/sql.ts';

// Any number, the same in every process: the class of the locks of scopes.
const SCOPE_LOCK = 7_814_251;

/** A scope of an install: its names all begin so, `account/` or `user/<usr_…>/`. */
export interface ScopePlace {
  owner: string;
  prefix: string;
}

/** Lets nobody else add to this scope until the transaction ends. */
export async function lockScope(sql: Sql, { owner, prefix }: ScopePlace): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(${SCOPE_LOCK}, hashtext(concat(${owner}::text, '/', ${prefix}::text)))`;
}

/** How many good ones there are in this scope besides the one of this name. */
export async function countOthers(
  sql: Sql,
  { owner, prefix }: ScopePlace,
  name: string,
  now: Date,
): Promise<number> {
  const rows = await sql<{ count: number }>`
    select count(*)::int as count from quittance.vault
    where owner = ${owner} and kind = 'secret' and starts_with(name, ${prefix}) and name <> ${name}
      and (expires_at is null or expires_at > ${now})`;
  return (rows[0] as { count: number }).count;
}

/** Deletes secrets that have expired. */
export async function deleteExpired(sql: Sql, now: Date): Promise<void> {
  await sql`delete from quittance.vault where kind = 'secret' and expires_at <= ${now}`;
}
