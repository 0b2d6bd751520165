import type { Row, Store } from '../store/store.ts';
import { ControlError, type Control } from './control-call.ts';

const LIST_DEFAULT = 100;

/** Kinds that begin with an underscore are the simulator's own notes and no objects of Stripe's. */
const OWN = '_';

/** The latest objects of one kind, or of all, newest first, whatever their account and mode. */
export function listObjects({ engine, query }: Pick<Control, 'engine' | 'query'>): Row[] {
  const kind = query.get('kind');
  const wanted = (each: string): boolean => (kind === null ? !each.startsWith(OWN) : each === kind);
  return latestRows(engine.store, wanted, limitOf(query));
}

/** The newest rows of some kinds. Only the end of each table is walked, since there may be very many. */
export function latestRows(store: Store, wanted: (kind: string) => boolean, limit: number): Row[] {
  const latest: Row[] = [];
  for (const [kind, { order }] of store.tables()) {
    if (!wanted(kind)) continue;
    let found = 0;
    for (let at = order.length - 1; at >= 0 && found < limit; at -= 1) {
      const row = order[at];
      if (!row || row.gone) continue;
      latest.push(row);
      found += 1;
    }
  }
  return latest.toSorted((a, b) => b.seq - a.seq).slice(0, limit);
}

/** How many objects there are of each kind, the commonest first. */
export function countKinds(store: Store): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const [kind, { size }] of store.tables())
    if (!kind.startsWith(OWN) && size > 0) counts.set(kind, (counts.get(kind) ?? 0) + size);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** The object of this id, of whatever kind. */
export function findObject({ engine }: Pick<Control, 'engine'>, id: string): Row {
  for (const [kind, table] of engine.store.tables()) {
    const row = kind.startsWith(OWN) ? undefined : table.get(id);
    if (row) return row;
  }
  throw new ControlError(404, 'not_found', `Nothing has the id ${id}.`);
}

/** The `limit` of a list in the control API. */
export function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? LIST_DEFAULT);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new ControlError(400, 'invalid_query', '"limit" must be a positive integer.');
}
