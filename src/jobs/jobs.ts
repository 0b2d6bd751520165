import { EventEmitter } from 'node:events';
import {
  parseCronItems,
  run,
  runMigrations,
  type Runner,
  type Task,
  type WorkerEvents,
} from 'graphile-worker';
import type Stripe from 'stripe';
import type { Database } from '../db/database.ts';
import { sqlOn, type Sql } from '../db/sql.ts';
import { QuittanceError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { enqueueOn, type Envelope } from './enqueue.ts';
import { workerLogger } from './worker-log.ts';

const JOBS_AT_ONCE = 5;
const POLL_MS = 1_000;

/** What a job is given. */
export interface JobContext {
  /**
   * Stays the same when the job is run again after a failure or a crash: pass it on as the idempotency key of
   * whatever the job calls, and a second run finds the first one's result.
   */
  idempotencyKey: string;
  /** 1 for the first run. */
  attempt: number;
  /** Runs statements, each in its own transaction. */
  sql: Sql;
  /** Queues another job. */
  enqueue: (name: string, payload?: unknown, options?: { key?: string; runAt?: Date }) => Promise<void>;
  /** Stripe's client for our own account. */
  stripe: Stripe;
}

/** A job. A throw is tried again with exponential back-off, 25 times at most. */
export type JobFunction = (payload: unknown, context: JobContext) => unknown;

export interface JobsOptions {
  database: Database;
  stripe: () => Stripe;
  logger: Logger;
}

/** Everything outside the database, and everything on a timetable: graphile-worker with our names. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #functions = new Map<string, JobFunction>();
  readonly #timetable: { match: string; task: string }[] = [];
  readonly #workerIds = new Set<string>();
  #runner: Runner | undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Declares a job. Throws `invalid_job` for a name that is taken or no name. */
  job(name: string, work: JobFunction): void {
    if (!/^[a-zA-Z][\w.-]{0,100}$/.test(name) || typeof work !== 'function' || this.#functions.has(name)) {
      throw new QuittanceError({
        code: 'invalid_job',
        message: `job("${name}", fn) needs a function and a new name of letters, digits, ".", "_" and "-".`,
      });
    }
    this.#functions.set(name, work);
  }

  /** Queues a job on a timetable: a crontab line in UTC, for example `0 6 * * *`. Throws `invalid_cron`. */
  cron(spec: string, name: string): void {
    try {
      parseCronItems([{ match: spec, task: name }]);
    } catch (cause) {
      throw new QuittanceError({
        code: 'invalid_cron',
        message:
          `cron("${spec}", "${name}"): "${spec}" is no crontab line ` +
          'of five fields (minute hour day month weekday).',
        cause,
      });
    }
    this.#timetable.push({ match: spec, task: name });
  }

  /** Creates or updates the queue's own schema. */
  static async migrate(database: Database): Promise<void> {
    await runMigrations({ pgPool: database.pool });
  }

  async start(): Promise<void> {
    const unknown = this.#timetable.find(({ task }) => !this.#functions.has(task));
    if (unknown) {
      throw new QuittanceError({
        code: 'invalid_cron',
        message: `The timetable names the job "${unknown.task}": declare it with job("${unknown.task}", fn).`,
      });
    }
    const events = new EventEmitter() as WorkerEvents;
    events.on('worker:create', ({ worker }) => this.#workerIds.add(worker.workerId));
    this.#runner = await run({
      pgPool: this.#options.database.pool,
      concurrency: JOBS_AT_ONCE,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      events,
      logger: workerLogger(this.#options.logger),
      parsedCronItems: parseCronItems(this.#timetable),
      taskList: Object.fromEntries([...this.#functions].map(([name, work]) => [name, this.#task(work)])),
    });
  }

  /** Takes no more jobs and waits for the running ones, which are run again elsewhere if they don't end. */
  async stop(): Promise<void> {
    await this.#runner?.stop();
    this.#runner = undefined;
  }

  /** The ids under which this process locks jobs. */
  workerIds(): string[] {
    return [...this.#workerIds];
  }

  /** Gives the jobs of dead processes back. Without it graphile-worker waits four hours. */
  async release(workerIds: readonly string[]): Promise<void> {
    if (workerIds.length === 0) return;
    await this.#options.database.sql`select graphile_worker.force_unlock_workers(${[...workerIds]}::text[])`;
  }

  #task(work: JobFunction): Task {
    return async (envelope, { job }) => {
      const { payload, key, _cron: cron } = envelope as Envelope & { _cron?: { ts: string } };
      const sql = sqlOn(this.#options.database.pool);
      await work(cron ? null : payload, {
        idempotencyKey: cron ? `cron_${job.task_identifier}_${cron.ts}` : `job_${key}`,
        attempt: job.attempts,
        sql,
        enqueue: enqueueOn(sql),
        stripe: this.#options.stripe(),
      });
    };
  }
}
