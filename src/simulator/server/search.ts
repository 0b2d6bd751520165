import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Row, StripeObject } from '../store/store.ts';
import { badParameter } from './errors.ts';
import { limitOf } from './list.ts';

const CLAUSE = /^(-?)([\w.]+(?:\["[^"]+"\]|\['[^']+'\])?)\s*(:|~|>=|<=|>|<)\s*("[^"]*"|'[^']*'|[\w.-]+)\s*/;

interface Clause {
  negated: boolean;
  field: string;
  key: string | undefined;
  operator: string;
  value: string;
}

/**
 * One page of a search; see docs.stripe.com/search. Results are exact at once, where Stripe's may take a
 * minute.
 */
export function searchPage(realm: Realm, kind: string, params: Params, url: string): StripeObject {
  const query = params['query'] as string;
  const { clauses, either } = parse(query);
  const limit = limitOf(params);
  const before = readPage(params['page'] as string | undefined);
  const fits = (object: StripeObject): boolean =>
    either
      ? clauses.some((clause) => holds(clause, object))
      : clauses.every((clause) => holds(clause, object));
  const found: Row[] = [];
  const order = realm.engine.store.table(realm, kind).order;
  for (let at = order.length - 1; at >= 0 && found.length <= limit; at -= 1) {
    const row = order[at];
    if (row && !row.gone && row.seq < before && fits(row.object)) found.push(row);
  }
  const more = found.length > limit;
  const page = found.slice(0, limit);
  return {
    object: 'search_result',
    data: page.map(({ object }) => object),
    has_more: more,
    next_page: more ? pageToken(page.at(-1)?.seq ?? 0) : null,
    url,
  };
}

/** A page begins below the last object of the one before, so that what is new meanwhile moves nothing. */
function pageToken(seq: number): string {
  return Buffer.from(`search:${seq}`).toString('base64url');
}

function readPage(token: string | undefined): number {
  if (token === undefined) return Infinity;
  const [, seq] = /^search:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (seq === undefined) throw badParameter('Invalid page token.', { param: 'page' });
  return Number(seq);
}

function parse(query: string): { clauses: Clause[]; either: boolean } {
  const clauses: Clause[] = [];
  const joins = new Set<string>();
  let rest = query.trim();
  for (;;) {
    const found = CLAUSE.exec(rest);
    if (!found) throw badParameter(`Invalid search query: ${query.slice(0, 200)}`, { param: 'query' });
    const [whole, minus, name = '', operator = '', quoted = ''] = found;
    const [field = '', key] = name.split(/\[["']|["']\]/);
    const value = quoted.replace(/^["']|["']$/g, '');
    clauses.push({ negated: minus === '-', field, key, operator, value });
    rest = rest.slice(whole.length);
    if (rest === '') break;
    const join = /^(and|or)\s+/i.exec(rest);
    if (join) rest = rest.slice(join[0].length);
    joins.add((join?.[1] ?? 'and').toLowerCase());
  }
  if (joins.size > 1)
    throw badParameter("You can't combine AND and OR in the same search query.", { param: 'query' });
  return { clauses, either: joins.has('or') };
}

function holds({ negated, field, key, operator, value }: Clause, object: StripeObject): boolean {
  let found: unknown = object;
  for (const name of field.split('.')) found = (found as Params | null | undefined)?.[name];
  if (key !== undefined) found = (found as Params | null | undefined)?.[key];
  return compare(found, operator, value) !== negated;
}

function compare(found: unknown, operator: string, value: string): boolean {
  if (value === 'null') return found === null || found === undefined;
  if (found === null || found === undefined) return false;
  const text = (typeof found === 'string' ? found : JSON.stringify(found)).toLowerCase();
  if (operator === ':') return text === value.toLowerCase();
  if (operator === '~') return text.includes(value.toLowerCase());
  const difference = Number(found) - Number(value);
  if (operator === '>') return difference > 0;
  if (operator === '<') return difference < 0;
  return operator === '>=' ? difference >= 0 : difference <= 0;
}
