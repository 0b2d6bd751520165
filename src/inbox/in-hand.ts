import type { Database } from '../db/database.ts';
import type { WorkRow } from './claim.ts';

/**
 * Writes down, outside the worker's transaction, which events a process is about to run: a handler that
 * kills its process rolls back everything, the count of its attempts too, and would be tried for ever.
 */
export class InHand {
  readonly #database: Database;
  readonly #process: string;
  readonly #holding = new Set<number>();

  constructor(database: Database, process: string) {
    this.#database = database;
    this.#process = process;
  }

  async take(worker: number, rows: readonly WorkRow[]): Promise<void> {
    const handled = rows.filter((row) => row.body !== null && !row.waiting);
    if (handled.length === 0) return this.clear(worker);
    this.#holding.add(worker);
    await this.#database.sql`
      insert into quittance.in_hand (process, worker, keys, seqs)
      values (${this.#process}, ${worker}, ${handled.map((row) => row.key)}, ${handled.map((row) => row.seq)})
      on conflict (process, worker) do update set keys = excluded.keys, seqs = excluded.seqs`;
  }

  async clear(worker: number): Promise<void> {
    if (!this.#holding.delete(worker)) return;
    await this.#database.sql`
      delete from quittance.in_hand where process = ${this.#process} and worker = ${worker}`;
  }
}
