import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { addEntranceCounts, removeEntranceCounts, type EntranceCount } from './entrance-rows.ts';

const FLUSH_MS = 2_000;
const MINUTE_MS = 60_000;
// An hour without a database, at two entrances where everything happens.
const KEPT_MAX = 2_000;
const KEPT_DAYS = 90;
const DAY_MS = 24 * 3600 * 1000;

export interface EntranceLogOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** Counts what comes to the entrances, and writes it down every few seconds, in no request's way. */
export class EntranceLog {
  readonly #options: EntranceLogOptions;
  readonly #counts = new Map<string, EntranceCount>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EntranceLogOptions) {
    this.#options = options;
  }

  add(seen: Pick<EntranceCount, 'endpoint' | 'mode' | 'result'>): void {
    const now = this.#options.clock.now();
    this.#keep({ ...seen, minute: new Date(now - (now % MINUTE_MS)), count: 1 });
    // Each after the one before: of a slow database it takes one connection, not all.
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#writing.then(() => this.#write());
    }, FLUSH_MS).unref();
  }

  /** Writes down what is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    if (counts.length === 0) return;
    const { database, logger } = this.#options;
    try {
      await addEntranceCounts(database.sql, counts);
    } catch (error) {
      logger.debug({ error: describeError(error) }, 'what came to the entrances was not written down');
      // With the next that comes. A database that was there after all counts it twice, which harms nobody.
      for (const count of counts) this.#keep(count);
    }
  }

  #keep(more: EntranceCount): void {
    const key = `${more.minute.getTime()} ${more.endpoint} ${more.mode} ${more.result}`;
    const known = this.#counts.get(key);
    if (known) known.count += more.count;
    else if (this.#counts.size < KEPT_MAX) this.#counts.set(key, more);
  }
}

/** Forgets the minutes that nobody asks for any more. */
export function tidyEntrances(sql: Sql, clock: Clock): Promise<void> {
  return removeEntranceCounts(sql, new Date(clock.now() - KEPT_DAYS * DAY_MS));
}
