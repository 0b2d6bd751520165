import type { Sql } from '../db/sql.ts';

/** The version of the schema in this database; 0 when Quittance has never been here. */
export async function schemaVersion(sql: Sql): Promise<number> {
  const [found] = await sql<{ table: string | null }>`select to_regclass('quittance.migration') as table`;
  if (!found?.table) return 0;
  const [newest] = await sql<{ version: number }>`
    select coalesce(max(version), 0) as version from quittance.migration`;
  return newest?.version ?? 0;
}
