import type { Row } from './store.ts';

/** Rows removed before the order is packed again; small tables are not worth the walk. */
const GONE_MIN = 1_000;

/** The rows of one value of an indexed field; put in order only when asked for. */
interface Entry {
  rows: Row[];
  stale: boolean;
}

/**
 * All rows of one kind in one account and mode: by id, in order of creation, and by the fields lists filter
 * by.
 */
export class Table {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: Map<string, Map<string, Entry>>;
  #order: Row[] = [];
  #gone = 0;
  #inTime = true;

  /** `indexed` names the fields, of the object or of what is hidden, whose values are looked up often. */
  constructor(indexed: readonly string[] = []) {
    this.#indexes = new Map(indexed.map((field) => [field, new Map()]));
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  /** Oldest first; do not keep across a write. */
  get order(): readonly Row[] {
    return this.#order;
  }

  /** Whether a later row was never made earlier; under a test clock it may be. */
  get inTime(): boolean {
    return this.#inTime;
  }

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  /** The rows whose indexed field has this value, oldest first; do not keep across a write. */
  where(field: string, value: string): readonly Row[] {
    const index = this.#indexes.get(field);
    if (!index) throw new Error(`no index on ${field}`);
    const entry = index.get(value);
    if (!entry) return [];
    if (entry.stale) {
      const current = entry.rows.filter((row) => !row.gone && valueOf(row, field) === value);
      entry.rows = [...new Set(current)].toSorted((a, b) => a.seq - b.seq);
      entry.stale = false;
      if (entry.rows.length === 0) index.delete(value);
    }
    return entry.rows;
  }

  add(row: Row): void {
    this.#rows.set(row.id, row);
    if (row.gone) row.gone = false;
    else if (this.#order.length === 0 || (this.#order.at(-1)?.seq ?? 0) < row.seq) this.#append(row);
    else this.#order.splice(this.position(row.seq), 0, row);
    this.#index(row, true);
  }

  /** Gives the row another object and keeps the indexes right; most changes touch no indexed field. */
  alter(row: Row, object: Row['object'], hidden: Row['hidden']): void {
    const moved = [...this.#indexes.keys()].some(
      (field) => valueOf(row, field) !== valueOf({ object, hidden }, field),
    );
    if (moved) this.#index(row, false);
    row.object = object;
    row.hidden = hidden;
    if (moved) this.#index(row, true);
  }

  remove(row: Row): void {
    this.#index(row, false);
    this.#rows.delete(row.id);
    row.gone = true;
    this.#gone += 1;
  }

  /** Forgets removed rows for good; only between transactions, since an undo puts a removed row back. */
  pack(): void {
    if (this.#gone < GONE_MIN || this.#gone * 2 < this.#order.length) return;
    this.#order = this.#order.filter((row) => !row.gone);
    this.#gone = 0;
  }

  /** The place of the first row whose number is not below `seq`. */
  position(seq: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #append(row: Row): void {
    const [last, created] = [this.#order.at(-1)?.object['created'], row.object['created']];
    if (typeof last === 'number' && typeof created === 'number' && created < last) this.#inTime = false;
    this.#order.push(row);
  }

  #index(row: Row, add: boolean): void {
    for (const [field, index] of this.#indexes) {
      const value = valueOf(row, field);
      if (value === undefined) continue;
      const entry = index.get(value);
      if (!add) {
        if (entry) entry.stale = true;
      } else if (entry) {
        entry.stale ||= (entry.rows.at(-1)?.seq ?? 0) >= row.seq;
        entry.rows.push(row);
      } else index.set(value, { rows: [row], stale: false });
    }
  }
}

function valueOf(row: Pick<Row, 'object' | 'hidden'>, field: string): string | undefined {
  const value = row.object[field] ?? row.hidden?.[field];
  return typeof value === 'string' ? value : undefined;
}
