import { isAway } from './db/away.ts';
import { refuseForgetfulDatabase } from './db/durability.ts';
import { migrate } from './db/migrate.ts';
import type { Database } from './db/database.ts';
import { describeError, QuittanceError } from './errors.ts';
import { Jobs } from './jobs/jobs.ts';
import type { Logger } from './log.ts';

const RETRY_MS = 1_000;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What follows once the database is ready. Each is done once; what failed is what is tried again. */
export type Step = () => Promise<void>;

/**
 * Makes the database ready: durable settings checked, schema migrated; then takes the first steps. A database
 * that is away, starting or full of connections is waited for at every point of this, since receiving must
 * not depend on who is started first; one that is unfit (see the codes of `refuseForgetfulDatabase` and
 * `migrate`) is refused by a throw.
 */
export class Startup {
  readonly #database: Database;
  readonly #logger: Logger;
  #trouble: string | null = 'the database has not been reached yet';
  #prepared = false;
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

  /** One try. True when everything is done, false when the database is away. Takes steps off the list. */
  async tryOnce(steps: Step[]): Promise<boolean> {
    try {
      await this.#prepare();
      for (let step = steps[0]; step; step = steps[0]) {
        await step();
        steps.shift();
      }
      this.#trouble = null;
      return true;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const trouble = describeError(error);
      if (trouble !== this.#trouble) this.#logger.warn({ why: trouble }, 'waiting for the database');
      this.#trouble = trouble;
      return false;
    }
  }

  /** Tries until it works or `stop` is called. */
  async untilReady(steps: Step[]): Promise<void> {
    while (!this.#stopped) {
      if (await this.tryOnce(steps)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RETRY_MS);
        this.#wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeUp();
  }

  async #prepare(): Promise<void> {
    if (this.#prepared) return;
    await this.#database.ping();
    await refuseForgetfulDatabase(this.#database.sql);
    const { applied } = await migrate(this.#database, () => Jobs.migrate(this.#database));
    if (applied.length > 0) this.#logger.info({ applied }, 'schema migrated');
    this.#prepared = true;
  }
}

/** What a later try may find mended: all that PostgreSQL or the way to it says, but no wrong migration. */
function isPassing(error: unknown): boolean {
  if (error instanceof QuittanceError) return error.code === 'migration_failed' && isAway(error.cause);
  const { code } = error as { code?: unknown };
  return isAway(error) || (typeof code === 'string' && SQLSTATE.test(code));
}
