import { createHash } from 'node:crypto';
import type { Sql } from '../db/sql.ts';

/** Uses up a token. False when it was used before: of two who come at once, one is first. */
export async function spendToken(sql: Sql, token: string, expiresAt: Date, now: Date): Promise<boolean> {
  await sql`delete from quittance.spent_token where expires_at < ${now}`;
  const rows = await sql`
    insert into quittance.spent_token (hash, expires_at) values (${hashOf(token)}, ${expiresAt})
    on conflict do nothing returning hash`;
  return rows.length === 1;
}

export async function isSpentToken(sql: Sql, token: string): Promise<boolean> {
  const rows = await sql`select from quittance.spent_token where hash = ${hashOf(token)}`;
  return rows.length === 1;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
