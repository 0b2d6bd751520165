import type { Connection, Database } from '../db/database.ts';
import { sqlPlannedEachTime } from '../db/sql.ts';
import {
  BESIDE_SECONDS_MAX,
  countStatement,
  pageStatement,
  type Bounds,
  type EventFilter,
  type EventPage,
} from './filter-rows.ts';
import { eventRows, type EventRow } from './rows.ts';
import { settledSeq } from './settled-rows.ts';

// The beginning of an id that more events share than this is no search.
export const ID_MATCHES_MAX = 1_000;
/**
 * A page of the log in the order of `seq`. Null when more than a thousand events begin with that id. `until`
 * comes from `tailStart`: nothing up to there is still to be stored.
 */
export async function listEvents(
  database: Database,
  filter: EventFilter,
  page: EventPage,
): Promise<EventRow[] | null> {
  const settled = page.until ?? (await settledSeq(database.pool));
  // In one snapshot: what is found to be dead is not shown as done a moment later.
  return database.snapshot(async (_sql, _nested, connection) => {
    const bounds = await boundsOf(connection, filter, page.until ?? null);
    if (!bounds) return null;
    const { text, values } = pageStatement(filter, { ...bounds, settled }, page);
    const { rows } = await connection.query<{ seq: number }>({ text, values });
    return eventRows(
      sqlPlannedEachTime(connection),
      rows.map(({ seq }) => seq),
    );
  });
}

/** How many events of the filter there are up to `until`, or `COUNT_MAX + 1`. Null as for `listEvents`. */
export async function countEvents(
  database: Database,
  filter: EventFilter,
  until: number,
): Promise<number | null> {
  return database.snapshot(async (_sql, _nested, connection) => {
    const bounds = await boundsOf(connection, filter, until);
    if (!bounds) return null;
    const { text, values } = countStatement(filter, { ...bounds, settled: until });
    const { rows } = await connection.query<{ count: number }>({ text, values });
    return rows[0]?.count ?? 0;
  });
}

async function boundsOf(
  connection: Connection,
  { id, from, to }: Pick<EventFilter, 'id' | 'from' | 'to'>,
  until: number | null,
): Promise<Omit<Bounds, 'settled'> | null> {
  const sql = sqlPlannedEachTime(connection);
  const [span] = await sql<{ low: number | null; high: number | null }>`
    select quittance.seq_at(${from}::timestamptz - ${BESIDE_SECONDS_MAX} * interval '1 second') as low,
           quittance.seq_at(${to}::timestamptz + ${BESIDE_SECONDS_MAX} * interval '1 second') as high
    where ${from !== null || to !== null}`;
  const { low = null, high = null } = span ?? {};
  const bounds = { low: from === null ? null : low, high: to === null ? null : high };
  if (id === null) return { ...bounds, seqs: null };
  const named = await sql<{ seq: number }>`
    select seq from quittance.event where id >= ${id} and id < ${`${id}\u{10ffff}`}
      and (${until}::bigint is null or seq <= ${until}::bigint)
    limit ${ID_MATCHES_MAX + 1}`;
  return named.length > ID_MATCHES_MAX ? null : { ...bounds, seqs: named.map(({ seq }) => seq) };
}
