import type { Sql } from '../db/sql.ts';

/**
 * Are data of this install kept? If so they are until the transaction ends: what is written meanwhile can't
 * outlive the removal of the rest.
 */
export async function holdKept(sql: Sql, install: string): Promise<boolean> {
  const rows = await sql`
    select from quittance.install where id = ${install} and status <> 'removed' for share`;
  return rows.length === 1;
}
