import type { Row } from './store.ts';

/** Rows removed before the order is packed again; small tables are not worth the walk. */
const GONE_MIN = 1_000;

/**
 * All rows of one kind in one account and mode: by id, in order of creation, and by the fields lists filter
 * by.
 */
export class Table {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: Map<string, Map<string, Set<Row>>>;
  #order: Row[] = [];
  #gone = 0;

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

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  /** The rows whose indexed field has this value, oldest first. */
  where(field: string, value: string): Row[] {
    const index = this.#indexes.get(field);
    if (!index) throw new Error(`no index on ${field}`);
    return [...(index.get(value) ?? [])].toSorted((a, b) => a.seq - b.seq);
  }

  add(row: Row): void {
    this.#rows.set(row.id, row);
    if (row.gone) row.gone = false;
    else if (this.#order.length === 0 || (this.#order.at(-1)?.seq ?? 0) < row.seq) this.#order.push(row);
    else this.#order.splice(this.position(row.seq), 0, row);
    this.#index(row, true);
  }

  /** Runs `change` on the row and keeps the indexes right. */
  alter(row: Row, change: () => void): void {
    this.#index(row, false);
    change();
    this.#index(row, true);
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

  #index(row: Row, add: boolean): void {
    for (const [field, index] of this.#indexes) {
      const value = row.object[field] ?? row.hidden?.[field];
      if (typeof value !== 'string') continue;
      const rows = index.get(value);
      if (add && rows) rows.add(row);
      else if (add) index.set(value, new Set([row]));
      else if (rows?.delete(row) && rows.size === 0) index.delete(value);
    }
  }
}
