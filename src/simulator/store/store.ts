import { Table } from './table.ts';

/** An API object as it is stored: never changed, only replaced, so that an event may keep what it showed. */
export interface StripeObject {
  readonly id?: string;
  readonly object?: string;
  readonly [field: string]: unknown;
}

/** What the simulator knows about an object and Stripe would not show. */
export type Hidden = Readonly<Record<string, unknown>>;

/** One account in one mode. */
export interface World {
  readonly account: string;
  readonly livemode: boolean;
}

/** Where the simulator keeps what belongs to no account. */
export const NOWHERE: World = { account: '_', livemode: false };

export interface Row {
  readonly account: string;
  readonly livemode: boolean;
  readonly kind: string;
  readonly id: string;
  /** Order of creation over the whole store. */
  readonly seq: number;
  object: StripeObject;
  hidden: Hidden | undefined;
  gone: boolean;
}

/** A row before a change, to put back if the transaction fails; `object` undefined means there was none. */
interface Undo {
  row: Row;
  object: StripeObject | undefined;
  hidden: Hidden | undefined;
}

/** Called with the rows that a transaction changed, after all of it succeeded and before anybody is told. */
export type OnCommit = (rows: Iterable<Row>) => void;

/** Everything the simulator remembers, by (account, livemode, kind, id). All calls are synchronous. */
export class Store {
  readonly #tables = new Map<string, Table>();
  readonly #indexed: Readonly<Record<string, readonly string[]>>;
  readonly #onCommit: OnCommit;
  #undo: Undo[] | null = null;
  #seq = 0;

  constructor(indexed: Readonly<Record<string, readonly string[]>>, onCommit: OnCommit) {
    this.#indexed = indexed;
    this.#onCommit = onCommit;
  }

  /** How many rows there are, of every kind. */
  get size(): number {
    return [...this.#tables.values()].reduce((sum, table) => sum + table.size, 0);
  }

  table({ account, livemode }: World, kind: string): Table {
    const key = `${account} ${livemode ? 'live' : 'test'} ${kind}`;
    let table = this.#tables.get(key);
    if (!table) this.#tables.set(key, (table = new Table(this.#indexed[kind])));
    return table;
  }

  /** Every row of one kind, whatever its account and mode. */
  *everywhere(kind: string): Generator<Row> {
    for (const [key, table] of this.#tables)
      if (key.endsWith(` ${kind}`)) for (const row of table.order) if (!row.gone) yield row;
  }

  /** Every table with its kind, whatever its account and mode. */
  *tables(): Generator<[kind: string, table: Table]> {
    for (const [key, table] of this.#tables) yield [key.slice(key.lastIndexOf(' ') + 1), table];
  }

  /** The row with this id, in whatever account and mode; for pages, whose visitors have no key. */
  find(kind: string, id: string): Row | undefined {
    for (const [key, table] of this.#tables) {
      const row = key.endsWith(` ${kind}`) ? table.get(id) : undefined;
      if (row) return row;
    }
    return undefined;
  }

  *rows(): Generator<Row> {
    for (const table of this.#tables.values()) for (const row of table.order) if (!row.gone) yield row;
  }

  /** Adds an object or replaces it. `hidden` left out keeps what was hidden before. */
  put(world: World, kind: string, id: string, object: StripeObject, hidden?: Hidden): Row {
    const table = this.table(world, kind);
    const found = table.get(id);
    if (!found) return this.#insert(table, world, kind, id, object, hidden);
    this.#remember(found, found.object);
    table.alter(found, object, hidden ?? found.hidden);
    return found;
  }

  remove(world: World, kind: string, id: string): void {
    const table = this.table(world, kind);
    const row = table.get(id);
    if (!row) return;
    this.#remember(row, row.object);
    table.remove(row);
  }

  /** Forgets everything at once. */
  clear(): void {
    this.transaction(() => {
      for (const row of Array.from(this.rows())) this.remove(row, row.kind, row.id);
    });
    this.#tables.clear();
  }

  /** Does all of `work` or, when it throws, nothing of it. A transaction inside another joins it. */
  transaction<T>(work: () => T): T {
    if (this.#undo) return work();
    const undo: Undo[] = (this.#undo = []);
    try {
      const result = work();
      if (undo.length > 0) this.#onCommit(new Set(undo.map(({ row }) => row)));
      return result;
    } catch (thrown) {
      for (const step of undo.toReversed()) this.#putBack(step);
      throw thrown;
    } finally {
      this.#undo = null;
      for (const { row } of undo) if (row.gone) this.table(row, row.kind).pack();
    }
  }

  /** Does `work` inside a transaction, undoes it all again, and returns what came of it. */
  rehearse<T>(work: () => T): T {
    const mark = this.#mark();
    try {
      return work();
    } finally {
      this.#undoTo(mark);
    }
  }

  /** Does `work` inside a transaction or, when it throws, nothing of it; the transaction itself may go on. */
  attempt<T>(work: () => T): T {
    const mark = this.#mark();
    try {
      return work();
    } catch (thrown) {
      this.#undoTo(mark);
      throw thrown;
    }
  }

  #mark(): number {
    if (!this.#undo) throw new Error('a part of a transaction needs a transaction around it');
    return this.#undo.length;
  }

  #undoTo(mark: number): void {
    for (const step of this.#undo?.splice(mark).toReversed() ?? []) this.#putBack(step);
  }

  #insert(table: Table, world: World, kind: string, id: string, object: StripeObject, hidden?: Hidden): Row {
    const { account, livemode } = world;
    const row: Row = { account, livemode, kind, id, seq: ++this.#seq, object, hidden, gone: false };
    table.add(row);
    this.#remember(row, undefined);
    return row;
  }

  #remember(row: Row, object: StripeObject | undefined): void {
    if (!this.#undo) throw new Error(`a ${row.kind} was written outside a transaction`);
    this.#undo.push({ row, object, hidden: row.hidden });
  }

  #putBack({ row, object, hidden }: Undo): void {
    const table = this.table(row, row.kind);
    if (object === undefined) {
      if (!row.gone) table.remove(row);
      return;
    }
    if (row.gone) {
      row.object = object;
      row.hidden = hidden;
      table.add(row);
      return;
    }
    table.alter(row, object, hidden);
  }
}
