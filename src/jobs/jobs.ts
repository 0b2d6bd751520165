import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
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
import type { Sql } from '../db/sql.ts';
import { describeError, QuittanceError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { readCrontab } from './crontab.ts';
import { contextOf, type JobFunction } from './context.ts';
import { ForgottenJobs } from './forgotten.ts';
import { Pulse } from './pulse.ts';
import { inJobSpan, readQueued } from './queued.ts';
import { workerLogger } from './worker-log.ts';

const JOBS_AT_ONCE = 5;
const POLL_MS = 1_000;
// A stop has to be over within 10 s; a job that still runs then is given back and run again elsewhere.
const STOP_MS_MAX = 7_000;
const RESTART_MS = 1_000;
const LOOK_MS = 5_000;

/** Where the parts of a server declare their jobs, and when they run. */
export interface Timetable {
  job: (name: string, work: JobFunction) => void;
  cron: (spec: string, name: string) => void;
}

export interface JobsOptions {
  database: Database;
  stripe: () => Stripe;
  logger: Logger;
}

/** A line of the timetable. */
export interface CronLine {
  /** The job it queues. */
  name: string;
  /** A crontab line, in UTC. */
  spec: string;
  /** Under which graphile-worker keeps when it last ran. */
  identifier: string;
}

export interface CronSettings {
  single?: boolean;
  idle?: boolean;
}

interface TimetableItem {
  match: string;
  task: string;
  /** Two lines may name the same job. */
  identifier: string;
  /** It is told of, and queues nothing. */
  idle: boolean;
  options?: { backfillPeriod: number; jobKey?: string };
}

/** Everything outside the database, and everything on a timetable: graphile-worker with our names. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #functions = new Map<string, JobFunction>();
  readonly #timetable = new Map<string, TimetableItem>();
  readonly #pulse = new Pulse();
  readonly #forgotten = new ForgottenJobs();
  readonly #stopping = new AbortController();
  /** Called after each run of a job. */
  onRun: (run: { name: string; outcome: 'done' | 'failed'; seconds: number }) => void = () => {};
  #announce: () => Promise<void> = async () => {};
  #runner: Runner | undefined;
  #look: NodeJS.Timeout | undefined;

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

  /**
   * Queues a job on a timetable: a crontab line in UTC, for example `0 6 * * *`. With `single`, one that
   * still waits, after a failure for example, is replaced by the next. One that is `idle` is told of and
   * never queued. Throws `invalid_cron`.
   */
  cron(spec: string, name: string, { single = false, idle = false }: CronSettings = {}): void {
    const identifier = `${name} ${spec}`;
    const options = single ? { options: { backfillPeriod: 0, jobKey: name } } : {};
    readCrontab(spec, name);
    this.#timetable.set(identifier, { match: spec, task: name, identifier, idle, ...options });
  }

  /** All lines that were declared. */
  timetable(): CronLine[] {
    return [...this.#timetable.values()].map(({ task, match, identifier }) => {
      return { name: task, spec: match, identifier };
    });
  }

  /** Creates or updates the queue's own schema. */
  static async migrate(database: Database): Promise<void> {
    await runMigrations({ pgPool: database.pool });
  }

  /** `announce` is awaited before the first job is taken: who releases our jobs has to know `workerIds`. */
  async start(announce: () => Promise<void> = async () => {}): Promise<void> {
    const unknown = [...this.#timetable.values()].find(({ task }) => !this.#functions.has(task));
    if (unknown) {
      throw new QuittanceError({
        code: 'invalid_cron',
        message: `The timetable names the job "${unknown.task}": declare it with job("${unknown.task}", fn).`,
      });
    }
    this.#announce = announce;
    void this.#keepRunning(await this.#run());
    this.#look = setInterval(() => void this.#lookAfter(), LOOK_MS).unref();
  }

  /** Takes no more jobs and waits 7 s for the running ones. What runs then is given back, to be run again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#look);
    if (!this.#runner) return;
    const stopped = this.#runner.stop().catch(() => {}); // it has stopped by itself before
    const over = Promise.race([stopped, this.#pulse.ended]);
    const late = await Promise.race([over.then(() => false), wait(STOP_MS_MAX, true, { ref: false })]);
    if (!late) return;
    const message = 'the process was stopped while this job ran';
    await Promise.allSettled([...this.#pulse.pools].map(async (pool) => pool.forcefulShutdown(message)));
  }

  /** The ids under which this process locks jobs: graphile-worker takes its pool's, not its workers'. */
  workerIds(): string[] {
    return [...this.#pulse.pools].map((pool) => pool.id);
  }

  /** Gives the jobs of dead processes back. Without it graphile-worker waits four hours. */
  static async release(sql: Sql, workerIds: readonly string[]): Promise<void> {
    if (workerIds.length === 0) return;
    await sql`select graphile_worker.force_unlock_workers(${[...workerIds]}::text[])`;
  }

  async #run(): Promise<Runner> {
    const events = new EventEmitter() as WorkerEvents;
    this.#pulse.watch(events);
    const startWorker = (): Promise<void> => this.#announce();
    this.#runner = await run({
      pgPool: this.#options.database.pool,
      concurrency: JOBS_AT_ONCE,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      events,
      logger: workerLogger(this.#options.logger),
      preset: {
        plugins: [{ name: 'quittance', version: '0.0.0', worker: { hooks: { startWorker } } }],
        // By default the result of a job is written by a promise that nobody awaits: a stop would close the
        // database in front of it, and the job would be run again.
        worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
      },
      parsedCronItems: parseCronItems([...this.#timetable.values()].filter(({ idle }) => !idle)),
      taskList: Object.fromEntries(
        [...this.#functions].map(([name, work]) => [name, this.#task(name, work)]),
      ),
    });
    return this.#runner;
  }

  async #lookAfter(): Promise<void> {
    const { database, logger } = this.#options;
    if (this.#pulse.deaf) await this.#runner?.stop().catch(() => {}); // and #keepRunning begins again
    const looked = this.#forgotten.giveBack(database.sql, this.workerIds(), this.#pulse.running);
    await looked.catch((error: unknown) => logger.debug({ error: describeError(error) }, 'could not look'));
  }

  // graphile-worker gives up when its database is away for too long. Ours comes back.
  async #keepRunning(runner: Runner): Promise<void> {
    let current: Runner | null = runner;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const ended = Promise.race([current?.promise, this.#pulse.ended]);
      const reason = await ended.then(() => 'it ended', describeError);
      if (signal.aborted) return;
      void current?.stop().catch(() => {}); // the timetable of one that lingers
      this.#options.logger.warn({ why: reason }, 'the job queue stopped, starting it again');
      await wait(RESTART_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      current = await this.#runAfresh().catch(() => null);
    }
  }

  async #runAfresh(): Promise<Runner> {
    await Jobs.release(this.#options.database.sql, this.workerIds());
    this.#pulse.pools.clear();
    return this.#run();
  }

  #task(name: string, work: JobFunction): Task {
    return async (queued, { job }) => {
      const { payload, key, cronTs, traceparent = null } = readQueued(queued);
      // A job that somebody queued by SQL has no key of ours; its row has a number.
      const idempotencyKey = cronTs ? `cron_${name}_${cronTs}` : `job_${key ?? job.id}`;
      const tick = cronTs === undefined ? null : new Date(cronTs);
      const context = contextOf({ idempotencyKey, attempt: job.attempts, tick }, this.#options);
      const run = { name, id: job.id, attempt: job.attempts, traceparent };
      await this.#measured(name, () => inJobSpan(run, async () => work(payload, context)));
    };
  }

  async #measured(name: string, work: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    let outcome: 'done' | 'failed' = 'failed';
    try {
      await work();
      outcome = 'done';
    } finally {
      this.onRun({ name, outcome, seconds: (performance.now() - begun) / 1000 });
    }
  }
}
