import type { Sql } from '../db/sql.ts';

/** How often something came of a request at an entrance, in one minute. */
export interface EntranceCount {
  minute: Date;
  endpoint: string;
  /** `unknown` for what was refused: what it says of itself can't be trusted. */
  mode: 'live' | 'test' | 'unknown';
  result: string;
  count: number;
}

/** Adds to the counts of all processes. */
export async function addEntranceCounts(sql: Sql, counts: readonly EntranceCount[]): Promise<void> {
  await sql`
    insert into quittance.entrance_minute as known (minute, endpoint, mode, result, count)
    select * from unnest(
      ${counts.map(({ minute }) => minute)}::timestamptz[], ${counts.map(({ endpoint }) => endpoint)}::text[],
      ${counts.map(({ mode }) => mode)}::text[], ${counts.map(({ result }) => result)}::text[],
      ${counts.map(({ count }) => count)}::bigint[]) as new (minute, endpoint, mode, result, count)
    -- Always in this order, so that two processes never wait for each other.
    order by 1, 2, 3, 4
    on conflict (minute, endpoint, mode, result) do update set count = known.count + excluded.count`;
}

export async function removeEntranceCounts(sql: Sql, before: Date): Promise<void> {
  await sql`delete from quittance.entrance_minute where minute < ${before}`;
}

/** What was accepted in each minute since then, minutes without anything left out. */
export function acceptedByMinute(
  sql: Sql,
  livemode: boolean,
  since: Date,
): Promise<{ minute: Date; count: number }[]> {
  return sql<{ minute: Date; count: number }>`
    select minute, sum(count)::bigint as count from quittance.entrance_minute
    where minute >= ${since} and result = 'accepted' and mode = ${livemode ? 'live' : 'test'}
    group by minute order by minute`;
}

/** What was refused since then, by entrance and reason, the most frequent first. */
export function refusedSince(
  sql: Sql,
  since: Date,
): Promise<{ endpoint: string; reason: string; count: number }[]> {
  return sql<{ endpoint: string; reason: string; count: number }>`
    select endpoint, result as reason, sum(count)::bigint as count from quittance.entrance_minute
    where minute >= ${since} and result not in ('accepted', 'quarantined')
    group by endpoint, result order by sum(count) desc, endpoint, result`;
}
