import { tidyEntrances } from './events/entrance-log.ts';
import { addReplayJobs } from './events/replays/run.ts';
import type { Foundation } from './foundation.ts';
import { enqueueOn } from './jobs/enqueue.ts';
import type { Jobs, Timetable } from './jobs/jobs.ts';
import { CATCH_UP_JOBS, type Marketplace } from './marketplace.ts';
import type { SinkParts } from './sinks/parts.ts';
import type { StripeApp } from './stripe-app.ts';

const RECONCILE_JOB = 'quittance.reconcile';
const SWEEP_JOB = 'quittance.sweep_orders';
const TIDY_JOB = 'quittance.tidy_entrances';
const EVERY_FIVE_MINUTES = '*/5 * * * *';
const DAILY = '17 3 * * *';

export interface BackgroundOptions {
  base: Foundation;
  jobs: Jobs;
  marketplace: Marketplace;
  stripeApp: StripeApp | null;
  sinks: SinkParts;
  reconcile: () => Promise<unknown>;
  sweepOrders: () => Promise<unknown>;
}

/** Our own jobs and their timetable, beside those of the host. */
export class Background {
  readonly #options: BackgroundOptions;
  readonly #awake: boolean;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    this.#awake = options.base.options.housekeeping ?? true;
  }

  /** Declares them: after the last job of the app's own. */
  declare(): void {
    const { base, jobs, marketplace, stripeApp, sinks, reconcile, sweepOrders } = this.#options;
    const job = jobs.job.bind(jobs);
    const settings = { single: true, idle: !this.#awake };
    const always: Timetable = { job, cron: (spec, name) => jobs.cron(spec, name, settings) };
    const withKey: Timetable = { job, cron: base.settings.stripeSecretKey ? always.cron : () => {} };
    job(RECONCILE_JOB, async () => void (await reconcile()));
    job(TIDY_JOB, () => tidyEntrances(base.databases.requests.sql, base.clock));
    job(SWEEP_JOB, async () => void (await sweepOrders()));
    withKey.cron(EVERY_FIVE_MINUTES, RECONCILE_JOB);
    withKey.cron(EVERY_FIVE_MINUTES, SWEEP_JOB);
    always.cron(DAILY, TIDY_JOB);
    marketplace.addJobs(withKey);
    stripeApp?.addJobs(always, withKey);
    sinks.addJobs(always);
    const { databases, recognition, handlers } = base;
    addReplayJobs(always, { database: databases.jobs, recognition, slowTypes: () => handlers.slowTypes() });
  }

  /** What happened while nobody was here is not left to the timetable. */
  async catchUp(): Promise<void> {
    const { base, stripeApp } = this.#options;
    const { settings, databases } = base;
    if (!settings.stripeSecretKey || !this.#awake) return;
    const enqueue = enqueueOn(databases.jobs.sql);
    for (const job of [RECONCILE_JOB, ...CATCH_UP_JOBS, ...(stripeApp?.catchUpJobs ?? [])])
      await enqueue(job, null, { key: job });
  }
}
