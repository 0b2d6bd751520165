import { refuseForgetfulDatabase } from './db/durability.ts';
import { migrate } from './db/migrate.ts';
import type { Database } from './db/database.ts';
import { describeError, QuittanceError } from './errors.ts';
import { Jobs } from './jobs/jobs.ts';
import type { Logger } from './log.ts';

const RETRY_MS = 1_000;

/**
 * Makes the database ready: durable settings checked, schema migrated. A database that is away, starting or
 * full of connections is waited for, since receiving must not depend on who is started first; one that is
 * unfit (see the codes of `refuseForgetfulDatabase` and `migrate`) is refused by a throw.
 */
export class Startup {
  readonly #database: Database;
  readonly #logger: Logger;
  #trouble: string | null = 'the database has not been reached yet';
  #stopped = false;
  #wakeUp: () => void = () => {};

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Why the database is not ready; null when it is. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** One try. True when the database is ready, false when it is away. */
  async tryOnce(): Promise<boolean> {
    try {
      await refuseForgetfulDatabase(this.#database.sql);
      const { applied } = await migrate(this.#database, () => Jobs.migrate(this.#database));
      if (applied.length > 0) this.#logger.info({ applied }, 'schema migrated');
      this.#trouble = null;
      return true;
    } catch (error) {
      if (error instanceof QuittanceError && error.code !== 'migration_failed') throw error;
      if (error instanceof QuittanceError && !isTemporary(error.cause)) throw error;
      const trouble = describeError(error);
      if (trouble !== this.#trouble) this.#logger.warn({ why: trouble }, 'waiting for the database');
      this.#trouble = trouble;
      return false;
    }
  }

  /** Tries until it works or `stop` is called. */
  async untilReady(): Promise<boolean> {
    while (!this.#stopped) {
      if (await this.tryOnce()) return true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RETRY_MS);
        this.#wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return false;
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeUp();
  }
}

// Classes 08 (connection), 53 (resources) and 57 (operator intervention) pass by themselves.
function isTemporary(error: unknown): boolean {
  const { code = 'ECONN' } = (error ?? {}) as { code?: string };
  return /^(08|53|57|ECONN|EPIPE|ETIMEDOUT)/.test(code);
}
