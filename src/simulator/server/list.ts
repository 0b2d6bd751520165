import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Row, StripeObject } from '../store/store.ts';
import { badParameter, noSuch } from './errors.ts';

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;
const PAGING = new Set(['limit', 'starting_after', 'ending_before', 'expand', 'page', 'query']);

/** Says whether a row belongs into the list for one parameter's value. */
export type Filter = (object: StripeObject, value: unknown, row: Row) => boolean;

export interface ListQuery {
  realm: Realm;
  kind: string;
  params: Params;
  /** Where Stripe says this list lives. */
  url: string;
  /** Parameters that mean something else than "the field of that name has this value". */
  filters?: Readonly<Record<string, Filter>>;
  /** The rows to look through, oldest first, when these are known already. */
  rows?: readonly Row[] | undefined;
  /** What else a row must be, for example: belong to the parent that the path names. */
  belongs?: (row: Row) => boolean;
}

/** One page of Stripe's list, newest first. */
export function listPage({
  realm,
  kind,
  params,
  url,
  filters = {},
  belongs,
  rows: known,
}: ListQuery): StripeObject {
  const table = realm.engine.store.table(realm, kind);
  const limit = limitOf(params);
  const after = params['starting_after'] as string | undefined;
  const before = params['ending_before'] as string | undefined;
  if (after !== undefined && before !== undefined)
    throw badParameter('You cannot use both starting_after and ending_before.', {
      code: 'parameters_exclusive',
    });
  const wanted = Object.entries(params).filter(([name, value]) => !PAGING.has(name) && value !== undefined);
  const indexed = wanted.find(
    ([name, value]) => !filters[name] && typeof value === 'string' && table.hasIndex(name),
  );
  const rows = known ?? (indexed ? table.where(indexed[0], indexed[1] as string) : table.order);
  const fits = (row: Row): boolean =>
    !row.gone &&
    (belongs?.(row) ?? true) &&
    wanted.every(([name, value]) => (filters[name] ?? fieldIs(name))(row.object, value, row));
  const data: StripeObject[] = [];
  let more = false;
  const oldest = before === undefined ? earliest(params['created']) : undefined;
  const from = seqOf(realm, kind, after, 'starting_after');
  for (const row of walk(rows, from, seqOf(realm, kind, before, 'ending_before'))) {
    // But for test clocks time never runs backwards, so behind a row that is too old are only older ones.
    if (oldest !== undefined && table.inTime && (row.object['created'] as number) < oldest) break;
    if (!fits(row)) continue;
    if ((more = data.length === limit)) break;
    data.push(row.object);
  }
  if (before !== undefined) data.reverse();
  return { object: 'list', data, has_more: more, url };
}

/** A list with nothing in it, for objects that carry one. */
export function emptyList(url: string): StripeObject {
  return { object: 'list', data: [], has_more: false, url };
}

/** Does this value pass a filter such as `created[gte]`, or equal a plain number? */
export function inRange(value: number, range: unknown): boolean {
  if (typeof range === 'number') return value === range;
  const { gt, gte, lt, lte } = range as { gt?: number; gte?: number; lt?: number; lte?: number };
  if (gt !== undefined && value <= gt) return false;
  if (gte !== undefined && value < gte) return false;
  if (lt !== undefined && value >= lt) return false;
  return lte === undefined || value <= lte;
}

function earliest(created: unknown): number | undefined {
  if (typeof created !== 'object' || created === null) return undefined;
  const { gt, gte } = created as { gt?: number; gte?: number };
  return gte ?? gt;
}

/** How many objects a page is to have at most; Stripe's error when that is too many or too few. */
export function limitOf(params: Params): number {
  const limit = (params['limit'] as number | undefined) ?? LIMIT_DEFAULT;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${LIMIT_MAX}`;
  const message = `This value must be ${bound} (it currently is '${limit}').`;
  throw badParameter(message, { code: 'parameter_invalid_integer', param: 'limit' });
}

function seqOf(realm: Realm, kind: string, id: string | undefined, param: string): number | undefined {
  if (id === undefined) return undefined;
  const row = realm.row(kind, id);
  if (!row) throw noSuch(kind, id, param);
  return row.seq;
}

/**
 * Newest first below `after`; or, for `before`, oldest first above it, so that the nearest are found first.
 */
function* walk(rows: readonly Row[], after: number | undefined, before: number | undefined): Generator<Row> {
  if (before !== undefined) {
    for (let at = position(rows, before + 1); at < rows.length; at += 1) yield rows[at] as Row;
    return;
  }
  for (let at = (after === undefined ? rows.length : position(rows, after)) - 1; at >= 0; at -= 1)
    yield rows[at] as Row;
}

function position(rows: readonly Row[], seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fieldIs(name: string): Filter {
  return (object, value, row) => {
    if (Array.isArray(value)) return value.includes(object[name] ?? object[name.replace(/s$/, '')]);
    const field = object[name] ?? row.hidden?.[name];
    if (isRange(value)) return typeof field === 'number' && inRange(field, value);
    if (typeof value === 'object' && value !== null) return matches(field, value as Params);
    return field === value || (typeof field === 'object' && (field as StripeObject | null)?.id === value);
  };
}

function isRange(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && ['gt', 'gte', 'lt', 'lte'].some((bound) => bound in value)
  );
}

function matches(field: unknown, wanted: Params): boolean {
  if (typeof field !== 'object' || field === null) return false;
  return Object.entries(wanted).every(([name, value]) => {
    const inner = (field as Params)[name];
    return typeof value === 'object' && value !== null ? matches(inner, value as Params) : inner === value;
  });
}
