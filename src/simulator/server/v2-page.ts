import type { Row, StripeObject } from '../store/store.ts';
import type { Call } from './call.ts';
import { badParameter } from './errors.ts';

const LIMIT_DEFAULT = 20;

/** Refuses what can't be a cursor of `pageOf`'s; one behind the end is none of these, as lists may shrink. */
export function checkPage(token: string): void {
  if (!/^\d{1,15}$/.test(token))
    throw badParameter('Invalid page token.', { code: 'invalid_fields', param: 'page' });
}

/** One page of a list of /v2: cursors are addresses, which carry every filter on. */
export function pageOf(
  { params, path }: Pick<Call, 'params' | 'path'>,
  rows: readonly Row[],
  show: (row: Row) => StripeObject,
): StripeObject {
  const { page, ...filters } = params;
  const limit = (filters['limit'] as number | undefined) ?? LIMIT_DEFAULT;
  const skip = Number(page ?? 0);
  const address = (at: number): string => `${path}?${queryOf({ ...filters, limit, page: String(at) })}`;
  return {
    data: rows.slice(skip, skip + limit).map(show),
    next_page_url: skip + limit < rows.length ? address(skip + limit) : null,
    previous_page_url: skip > 0 ? address(Math.max(0, skip - limit)) : null,
  };
}

function queryOf(params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) append(query, name, value);
  return query.toString();
}

function append(query: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'object')
    for (const [key, item] of Object.entries(value)) append(query, `${name}[${key}]`, item);
  else query.set(name, typeof value === 'string' ? value : JSON.stringify(value));
}
