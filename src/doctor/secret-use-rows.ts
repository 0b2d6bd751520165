import type { Sql } from '../db/sql.ts';

export interface Use {
  endpoint: string;
  fingerprint: string;
  count: number;
}

export async function addUses(sql: Sql, uses: readonly Use[]): Promise<void> {
  const endpoints = uses.map(({ endpoint }) => endpoint);
  const fingerprints = uses.map(({ fingerprint }) => fingerprint);
  const counts = uses.map(({ count }) => count);
  await sql`
    insert into quittance.secret_use as known (endpoint, fingerprint, uses)
    select endpoint, fingerprint, uses
    from unnest(${endpoints}::text[], ${fingerprints}::text[], ${counts}::bigint[])
      as used (endpoint, fingerprint, uses)
    order by endpoint, fingerprint
    on conflict (endpoint, fingerprint) do update set uses = known.uses + excluded.uses, last_at = now()`;
}

export interface UseRow {
  endpoint: string;
  fingerprint: string;
  uses: number;
  last_at: Date;
}

export async function listUses(sql: Sql): Promise<UseRow[]> {
  return sql<UseRow>`select endpoint, fingerprint, uses, last_at from quittance.secret_use`;
}
