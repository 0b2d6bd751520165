import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { badParameter } from './errors.ts';

const LIMIT_DEFAULT = 10;
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
  const limit = (params['limit'] as number | undefined) ?? LIMIT_DEFAULT;
  const skip = Number(params['page'] ?? 0);
  const fits = (object: StripeObject): boolean =>
    either
      ? clauses.some((clause) => holds(clause, object))
      : clauses.every((clause) => holds(clause, object));
  const found: StripeObject[] = [];
  const order = realm.engine.store.table(realm, kind).order;
  for (let at = order.length - 1; at >= 0 && found.length <= skip + limit; at -= 1) {
    const row = order[at];
    if (row && !row.gone && fits(row.object)) found.push(row.object);
  }
  const more = found.length > skip + limit;
  const data = found.slice(skip, skip + limit);
  return {
    object: 'search_result',
    data,
    has_more: more,
    next_page: more ? String(skip + limit) : null,
    url,
  };
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
