import type { Connection, Database } from '../db/database.ts';
import { sqlPlannedEachTime } from '../db/sql.ts';
import { eventRows, type EventRow, type EventStatus } from './rows.ts';
import { settledSeq } from './settled-rows.ts';

/** Which events. Test and live are never in one list. */
export interface EventFilter {
  livemode: boolean;
  account: string | null;
  /** The whole id, or its beginning. */
  id: string | null;
  /** `charge.refunded`, or all that begin alike: `charge.*`. */
  type: string | null;
  object: string | null;
  status: EventStatus | null;
  /** ISO 8601: received from then on, and before that. */
  from: string | null;
  to: string | null;
}

export interface EventPage {
  order: 'asc' | 'desc';
  /** The `seq` of the last event of the page before; null for the first page. */
  after: number | null;
  limit: number;
  /** No event behind this `seq`. */
  until?: number;
}

// The beginning of an id that more events share than this is no search.
export const ID_MATCHES_MAX = 1_000;
/** Counting ends here: beyond, an operator needs no exact number. */
export const COUNT_MAX = 100_000;
// What is older than a minute is there, whoever hangs while storing: its statement ended long ago. And two
// transactions side by side are received in another order than they are numbered, by less than that.
const BESIDE_SECONDS_MAX = 60;

/** A page of the log in the order of `seq`. Null when more than a thousand events share that id's beginning. */
export async function listEvents(
  database: Database,
  filter: EventFilter,
  page: EventPage,
): Promise<EventRow[] | null> {
  const settled = await settledSeq(database.pool);
  // In one snapshot: what is found to be dead is not shown as done a moment later.
  return database.snapshot(async (_sql, _nested, connection) => {
    const bounds = await boundsOf(connection, filter);
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
    const bounds = await boundsOf(connection, filter);
    if (!bounds) return null;
    const all = { order: 'asc', after: null, limit: COUNT_MAX + 1 } as const;
    const { text, values } = pageStatement(filter, { ...bounds, settled: until }, all);
    const counting = `select count(*)::integer as count from (${text}) as found`;
    const { rows } = await connection.query<{ count: number }>({ text: counting, values });
    return rows[0]?.count ?? 0;
  });
}

interface Bounds {
  /** The events with that id, or with ids that begin so; null when none was asked for. */
  seqs: number[] | null;
  /** Where a span of time begins and ends in the log. */
  low: number | null;
  high: number | null;
}

async function boundsOf(
  connection: Connection,
  { id, from, to }: Pick<EventFilter, 'id' | 'from' | 'to'>,
): Promise<Bounds | null> {
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
    limit ${ID_MATCHES_MAX + 1}`;
  return named.length > ID_MATCHES_MAX ? null : { ...bounds, seqs: named.map(({ seq }) => seq) };
}

type Bind = (value: unknown) => string;

/**
 * The numbers of a page's events. Only what is asked for stands in the statement, and it begins where least
 * has to be read: at what ended badly, at what waits, or at an index of the log that has its order. Each was
 * looked at with a million events: docs/operations/lists.md.
 */
function pageStatement(
  filter: EventFilter,
  bounds: Bounds & { settled: number },
  page: EventPage,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { status, type } = filter;
  const { from, seq, conditions } = startOf(status, bind);
  conditions.push(...placeConditions(seq, filter, bounds, page, bind), ...eventConditions(filter, bind));
  const isNarrow = filter.account !== null || filter.object !== null || bounds.seqs !== null;
  if (type?.endsWith('*') && from === LOG && !isNarrow) {
    return { text: overTypes(type, filter.livemode, conditions, page, bind), values };
  }
  if (type !== null) conditions.push(...typeConditions(type, bind));
  const text = `
    select ${seq} as seq from ${from} where ${conditions.join(' and ')}
    order by ${seq} ${page.order} limit ${bind(page.limit)}`;
  return { text, values };
}

const LOG = 'quittance.event e';
const NOT_WAITING = `not exists (
  select from quittance.work w
  where w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq)`;

function startOf(
  status: EventStatus | null,
  bind: Bind,
): { from: string; seq: string; conditions: string[] } {
  switch (status) {
    case null:
      return { from: LOG, seq: 'e.seq', conditions: [] };
    case 'done': {
      const undone = `not exists (
        select from quittance.outcome o where o.seq = e.seq and o.status in ('dead', 'quarantined'))`;
      return { from: LOG, seq: 'e.seq', conditions: [NOT_WAITING, undone] };
    }
    case 'dead':
    case 'quarantined': {
      const from = `quittance.outcome o join ${LOG} on e.seq = o.seq`;
      return { from, seq: 'o.seq', conditions: [`o.status = ${bind(status)}`, NOT_WAITING] };
    }
    case 'pending':
    case 'retrying': {
      const from = `quittance.work w join ${LOG} on e.seq = w.seq`;
      const attempts = status === 'pending' ? 'w.attempts = 0' : 'w.attempts > 0';
      return { from, seq: 'w.seq', conditions: [attempts] };
    }
    default:
      return status satisfies never;
  }
}

function placeConditions(
  seq: string,
  { from, to }: EventFilter,
  { seqs, low, high, settled }: Bounds & { settled: number },
  { order, after, until }: EventPage,
  bind: Bind,
): string[] {
  const visible =
    settled >= 0
      ? `${seq} <= ${bind(settled)}`
      : `e.received_at < now() - ${BESIDE_SECONDS_MAX} * interval '1 second'`;
  return [
    visible,
    until === undefined ? null : `${seq} <= ${bind(until)}`,
    after === null ? null : `${seq} ${order === 'asc' ? '>' : '<'} ${bind(after)}`,
    seqs === null ? null : `${seq} = any (${bind(seqs)}::bigint[])`,
    low === null ? null : `${seq} >= ${bind(low)}`,
    high === null ? null : `${seq} < ${bind(high)}`,
    from === null ? null : `e.received_at >= ${bind(from)}::timestamptz`,
    to === null ? null : `e.received_at < ${bind(to)}::timestamptz`,
  ].filter((condition) => condition !== null);
}

function eventConditions({ livemode, account, object }: EventFilter, bind: Bind): string[] {
  return [
    `e.livemode = ${bind(livemode)}`,
    account === null ? null : `e.account = ${bind(account)} and e.account <> ''`,
    object === null ? null : `e.object_id = ${bind(object)}`,
  ].filter((condition) => condition !== null);
}

function typeConditions(type: string, bind: Bind): string[] {
  if (!type.endsWith('*')) return [`e.type = ${bind(type)}`];
  const beginning = type.slice(0, -1);
  return [`e.type >= ${bind(beginning)}`, `e.type < ${bind(`${beginning}\u{10ffff}`)}`];
}

// Many types in the order of the log: the first of each, and of those the first. The types that occur are
// found by leaping through the index, one step for each.
function overTypes(
  type: string,
  livemode: boolean,
  conditions: readonly string[],
  { order, limit }: EventPage,
  bind: Bind,
): string {
  const [mode, beginning, count] = [bind(livemode), bind(type.slice(0, -1)), bind(limit)];
  const end = bind(`${type.slice(0, -1)}\u{10ffff}`);
  return `
    with recursive types (type) as (
      (select type from quittance.event where livemode = ${mode} and type >= ${beginning} and type < ${end}
       order by type limit 1)
      union all
      select (select type from quittance.event
              where livemode = ${mode} and type > types.type and type < ${end} order by type limit 1)
      from types where types.type is not null
    )
    select found.seq from types cross join lateral (
      select e.seq from ${LOG} where e.type = types.type and ${conditions.join(' and ')}
      order by e.seq ${order} limit ${count}
    ) as found
    where types.type is not null order by found.seq ${order} limit ${count}`;
}
