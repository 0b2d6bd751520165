import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import { QuittanceError } from '../../errors.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import type { JobContext } from '../../jobs/context.ts';
import type { Timetable } from '../../jobs/jobs.ts';
import type { AppJobContext, AppJobFunction, EnqueueForInstall, InstallContext } from '../context.ts';
import { INSTALL_JOB_PRIORITY, type Install } from '../install.ts';
import { cronLine, fanOut, type CronLine } from './timetable.ts';

const NAME = /^[a-zA-Z][\w.-]{0,49}$/;

export interface AppWorkOptions {
  database: Database;
  /** The mode whose accounts the timetable is for. */
  livemode: boolean;
  /** Reads an install by its id; null when there is none. */
  findInstall: (id: string) => Promise<Install | null>;
  /** What everything that runs for an install is given. */
  contextFor: (install: Install) => InstallContext | Promise<InstallContext>;
}

/**
 * Jobs and timetable of a Stripe App. A job runs for one install, and the jobs of one install run one at a
 * time, over all processes. A failure holds up nobody else.
 */
export class AppWork {
  readonly #options: AppWorkOptions;
  readonly #functions = new Map<string, AppJobFunction>();
  readonly #lines = new Map<string, CronLine & { spec: string }>();
  #isDeclared = false;

  constructor(options: AppWorkOptions) {
    this.#options = options;
  }

  /** Declares a job of the app. Throws `invalid_job` for a taken name or none, and `already_started`. */
  job(name: string, work: AppJobFunction): void {
    this.#refuseOnceDeclared();
    if (!NAME.test(name) || typeof work !== 'function' || this.#functions.has(name)) {
      throw new QuittanceError({
        code: 'invalid_job',
        message:
          `The job "${name}" of the app needs a function and a new name: ` +
          'a letter, then at most 49 letters, digits, ".", "_" and "-".',
      });
    }
    this.#functions.set(name, work);
  }

  /**
   * Runs a job for each account that has the app, on a timetable: a crontab line in UTC. The runs are spread
   * over half of the time to the next, 15 minutes at most. Throws `invalid_cron`, and
   * `already_started`.
   */
  cron(spec: string, name: string): void {
    this.#refuseOnceDeclared();
    if (!this.#functions.has(name)) {
      throw new QuittanceError({
        code: 'invalid_cron',
        message: `The timetable of the app names the job "${name}": declare it in the option app.jobs.`,
      });
    }
    const line = cronLine(spec, name, taskOf(name));
    this.#lines.set(line.id, { ...line, spec });
  }

  /** Queues jobs of the app for this install, through this `sql`. Throws `unknown_app_job`. */
  enqueueFor(install: Install, sql: Sql): EnqueueForInstall {
    const enqueue = enqueueOn(sql);
    return async (name, payload = null, { key, runAt } = {}) => {
      if (!this.#functions.has(name)) throw unknownJob(name, [...this.#functions.keys()]);
      await enqueue(taskOf(name), { install: install.id, payload } satisfies AppJob, {
        queue: install.id,
        priority: INSTALL_JOB_PRIORITY,
        ...(key === undefined ? {} : { key: `app/${install.id}/${key}` }),
        ...(runAt === undefined ? {} : { runAt }),
      });
    };
  }

  /** Declares it all to the queue: after the last `job` and `cron`. */
  addJobs({ job, cron }: Timetable): void {
    this.#isDeclared = true;
    for (const [name, work] of this.#functions) {
      job(taskOf(name), (payload, context) => this.#run(work, payload as AppJob, context));
    }
    for (const line of this.#lines.values()) {
      job(line.id, (_, { tick }) => fanOut(this.#options, line, tick ?? new Date()));
      cron(line.spec, line.id);
    }
  }

  // Nobody would ever run it.
  #refuseOnceDeclared(): void {
    if (!this.#isDeclared) return;
    const message = 'A job or cron of the app comes too late: declare everything first, then start.';
    throw new QuittanceError({ code: 'already_started', message });
  }

  async #run(
    work: AppJobFunction,
    { install: id, payload = null }: AppJob,
    context: JobContext,
  ): Promise<void> {
    const install = await this.#options.findInstall(id);
    // Uninstalled since it was queued: there is no access any more, and nobody to work for.
    if (install?.status !== 'installed') return;
    await work(payload, await this.#contextOf(install, context));
  }

  async #contextOf(install: Install, { idempotencyKey, attempt, sql }: JobContext): Promise<AppJobContext> {
    const given = await this.#options.contextFor(install);
    const enqueue = this.enqueueFor(install, sql);
    // Its `stripe` may be made when it is asked for: copying it would ask.
    return Object.defineProperties(
      { idempotencyKey, attempt, sql, enqueue },
      Object.getOwnPropertyDescriptors(given),
    ) as AppJobContext;
  }
}

interface AppJob {
  install: string;
  payload?: unknown;
}

function taskOf(name: string): string {
  return `quittance.app_job.${name}`;
}

function unknownJob(name: string, known: readonly string[]): QuittanceError {
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  const message = `The app has no job "${name}": ${list}. Declare it in the option app.jobs.`;
  return new QuittanceError({ code: 'unknown_app_job', message });
}
