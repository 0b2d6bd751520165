import type { Row, Store } from '../store/store.ts';
import { ControlError, type Control } from './control-call.ts';

const LIST_DEFAULT = 100;

/** Kinds that begin with an underscore are the simulator's own notes and no objects of Stripe's. */
const OWN = '_';

/** The latest objects of one kind, or of all, newest first, whatever their account and mode. */
export function listObjects({ engine, query }: Pick<Control, 'engine' | 'query'>): Row[] {
  const kind = query.get('kind');
  const rows = kind === null ? engine.store.rows() : engine.store.everywhere(kind);
  const wanted = [...rows].filter((row) => kind !== null || !row.kind.startsWith(OWN));
  return wanted.toSorted((a, b) => b.seq - a.seq).slice(0, limitOf(query));
}

/** How many objects there are of each kind, the commonest first. */
export function countKinds(store: Store): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { kind } of store.rows())
    if (!kind.startsWith(OWN)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** The object of this id, of whatever kind. */
export function findObject({ engine }: Pick<Control, 'engine'>, id: string): Row {
  for (const row of engine.store.rows()) if (row.id === id && !row.kind.startsWith(OWN)) return row;
  throw new ControlError(404, 'not_found', `Nothing has the id ${id}.`);
}

/** The `limit` of a list in the control API. */
export function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? LIST_DEFAULT);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new ControlError(400, 'invalid_query', '"limit" must be a positive integer.');
}
