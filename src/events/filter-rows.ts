import type { EventStatus } from './rows.ts';

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

/** Counting ends here: beyond, an operator needs no exact number. */
export const COUNT_MAX = 100_000;
// What is older than a minute is there, whoever hangs while storing: its statement ended long ago. And two
// transactions side by side are received in another order than they are numbered, by less than that.
export const BESIDE_SECONDS_MAX = 60;

export interface Bounds {
  /** The events with that id, or with ids that begin so; null when none was asked for. */
  seqs: number[] | null;
  /** Where a span of time begins and ends in the log. */
  low: number | null;
  high: number | null;
  /** Up to here every event is visible; -1 when that can't be said. */
  settled: number;
}

type Bind = (value: unknown) => string;

/**
 * The numbers of a page's events. Only what is asked for stands in the statement, and it begins where least
 * has to be read: at what ended badly, at what waits, or at an index of the log that has its order. Each was
 * looked at with a million events: docs/operations/lists.md.
 */
export function pageStatement(
  filter: EventFilter,
  bounds: Bounds,
  page: EventPage,
): { text: string; values: unknown[] } {
  const { from, seq, conditions, bind, values } = found(filter, bounds, page);
  const { account, object, type, livemode } = filter;
  const isNarrow = account !== null || object !== null || bounds.seqs !== null;
  if (type?.endsWith('*') && from === LOG && !isNarrow) {
    return { text: overTypes(type, livemode, conditions, page, bind), values };
  }
  if (type !== null) conditions.push(...typeConditions(type, bind));
  const text = `
    select ${seq} as seq from ${from} where ${conditions.join(' and ')}
    order by ${seq} ${page.order} limit ${bind(page.limit)}`;
  return { text, values };
}

/** How many there are, in whatever order is fastest. */
export function countStatement(filter: EventFilter, bounds: Bounds): { text: string; values: unknown[] } {
  const { from, conditions, bind, values } = found(filter, bounds, { order: 'asc', after: null });
  if (filter.type !== null) conditions.push(...typeConditions(filter.type, bind));
  const text = `
    select count(*)::integer as count
    from (select from ${from} where ${conditions.join(' and ')} limit ${bind(COUNT_MAX + 1)}) as found`;
  return { text, values };
}

// All but the type, which has two ways.
function found(
  filter: EventFilter,
  bounds: Bounds,
  page: Omit<EventPage, 'limit'>,
): Start & { bind: Bind; values: unknown[] } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { from, seq, conditions } = startOf(filter.status, bind);
  const all = [
    ...conditions,
    ...placeConditions(seq, filter, bounds, page, bind),
    ...eventConditions(filter, bind),
  ];
  return { from, seq, conditions: all, bind, values };
}

interface Start {
  from: string;
  /** Whose number the list is in the order of. */
  seq: string;
  conditions: string[];
}

const LOG = 'quittance.event e';
const NOT_WAITING = `not exists (
  select from quittance.work w
  where w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq)`;

function startOf(status: EventStatus | null, bind: Bind): Start {
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
  { seqs, low, high, settled }: Bounds,
  { order, after, until }: Omit<EventPage, 'limit'>,
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
