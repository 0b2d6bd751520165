import type { Sql } from '../db/sql.ts';

/** What a link is good for, once. */
export type LinkPurpose = 'sign_in' | 'set_password';

export interface NewLink {
  tokenHash: Buffer;
  operator: string;
  purpose: LinkPurpose;
  now: Date;
  expiresAt: Date;
}

/** Adds a link in place of others of its purpose; those that are too old go. */
export async function insertLink(sql: Sql, link: NewLink): Promise<void> {
  const { tokenHash, operator, purpose, now, expiresAt } = link;
  await sql`
    delete from quittance.operator_link
    where expires_at <= ${now} or (operator = ${operator} and purpose = ${purpose})`;
  await sql`
    insert into quittance.operator_link (token_hash, operator, purpose, created_at, expires_at)
    values (${tokenHash}, ${operator}, ${purpose}, ${now}, ${expiresAt})`;
}

/** Uses up a link and says whose it was. Null when there is none, or it is too old or for something else. */
export async function takeLink(
  sql: Sql,
  { tokenHash, purpose, now }: Pick<NewLink, 'tokenHash' | 'purpose' | 'now'>,
): Promise<string | null> {
  const rows = await sql<{ operator: string }>`
    delete from quittance.operator_link l using quittance.operator o
    where l.token_hash = ${tokenHash} and l.purpose = ${purpose} and l.expires_at > ${now}
      and o.id = l.operator and o.disabled_at is null
    returning l.operator`;
  return rows[0]?.operator ?? null;
}

/** Whose link it is and what name they have, without using it up. */
export async function linkOwner(
  sql: Sql,
  { tokenHash, purpose, now }: Pick<NewLink, 'tokenHash' | 'purpose' | 'now'>,
): Promise<string | null> {
  const rows = await sql<{ name: string }>`
    select o.name from quittance.operator_link l join quittance.operator o on o.id = l.operator
    where l.token_hash = ${tokenHash} and l.purpose = ${purpose} and l.expires_at > ${now}
      and o.disabled_at is null`;
  return rows[0]?.name ?? null;
}

/** Links of somebody who may not sign in any more. */
export async function deleteLinks(sql: Sql, operator: string): Promise<void> {
  await sql`delete from quittance.operator_link where operator = ${operator}`;
}
