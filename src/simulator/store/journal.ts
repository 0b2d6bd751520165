import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { claim } from './claim.ts';
import type { Hidden, Row, Store, StripeObject } from './store.ts';

/** One changed row: account, livemode, kind, id, object (null: removed), hidden. */
type Line = [string, 0 | 1, string, string, StripeObject | null, (Hidden | null)?];

/** A log is rewritten at the next start once it holds this many times more rows than are alive. */
const COMPACT_FACTOR = 2;
const JOURNAL_NAME = 'simulator.ndjson';
const LOCK_NAME = 'simulator.lock';

/**
 * The state on disk: one line a transaction, written before its answer leaves, so that what was answered
 * survives `kill -9` (not the loss of power: nothing here is worth an fsync).
 */
export class Journal {
  readonly #lock: string;
  readonly #file: string;
  #fd: number | null = null;

  /** Takes the folder for this process; another live simulator in it is an error that names it. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, JOURNAL_NAME);
    this.#lock = join(folder, LOCK_NAME);
    claim(this.#lock, folder);
  }

  /** Puts what was written before into the store, then opens the log for more. */
  load(store: Store): void {
    let written = 0;
    if (existsSync(this.#file))
      for (const changes of readLines(this.#file)) {
        written += changes.length;
        store.transaction(() => changes.forEach((line) => apply(store, line)));
      }
    if (written > store.size * COMPACT_FACTOR) this.#compact(store);
    this.#fd = openSync(this.#file, 'a');
    // A line torn by the last kill must not swallow the next one.
    if (written > 0) writeSync(this.#fd, '\n');
  }

  /**
   * Writes what one transaction changed. Before `load` has finished this does nothing: it comes from the
   * log.
   */
  write(rows: Iterable<Row>): void {
    if (this.#fd === null) return;
    writeSync(this.#fd, `${JSON.stringify([...rows].map(asLine))}\n`);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    rmSync(this.#lock, { force: true });
  }

  #compact(store: Store): void {
    const fresh = `${this.#file}.new`;
    const fd = openSync(fresh, 'w');
    for (const row of store.rows()) writeSync(fd, `${JSON.stringify([asLine(row)])}\n`);
    closeSync(fd);
    renameSync(fresh, this.#file);
  }
}

function* readLines(file: string): Generator<Line[]> {
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (text === '') continue;
    try {
      yield JSON.parse(text) as Line[];
    } catch {
      // Torn by a kill in the middle of the write: nobody was answered from it.
    }
  }
}

function apply(store: Store, [account, live, kind, id, object, hidden]: Line): void {
  const world = { account, livemode: live === 1 };
  if (object === null) store.remove(world, kind, id);
  else store.put(world, kind, id, object, hidden ?? undefined);
}

function asLine({ account, livemode, kind, id, object, hidden, gone }: Row): Line {
  const live = livemode ? 1 : 0;
  if (gone) return [account, live, kind, id, null];
  return hidden ? [account, live, kind, id, object, hidden] : [account, live, kind, id, object];
}
