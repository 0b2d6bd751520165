import type { Foundation } from './foundation.ts';
import { enqueueOn } from './jobs/enqueue.ts';
import type { Jobs } from './jobs/jobs.ts';
import { CATCH_UP_JOBS, type Marketplace } from './marketplace.ts';
import type { StripeApp } from './stripe-app.ts';

const RECONCILE_JOB = 'quittance.reconcile';
const SWEEP_JOB = 'quittance.sweep_orders';
const EVERY_FIVE_MINUTES = '*/5 * * * *';

export interface BackgroundOptions {
  base: Foundation;
  jobs: Jobs;
  marketplace: Marketplace;
  stripeApp: StripeApp | null;
  reconcile: () => Promise<unknown>;
  sweepOrders: () => Promise<unknown>;
}

/** Our own jobs and their timetable, beside those of the host. */
export class Background {
  readonly #options: BackgroundOptions;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** Declares them: after the last job of the app's own. */
  declare(): void {
    const { base, jobs, marketplace, stripeApp, reconcile, sweepOrders } = this.#options;
    const cron = (spec: string, name: string): void => {
      if (base.settings.stripeSecretKey) jobs.cron(spec, name, { single: true });
    };
    jobs.job(RECONCILE_JOB, async () => void (await reconcile()));
    jobs.job(SWEEP_JOB, async () => void (await sweepOrders()));
    cron(EVERY_FIVE_MINUTES, RECONCILE_JOB);
    cron(EVERY_FIVE_MINUTES, SWEEP_JOB);
    const timetable = { job: jobs.job.bind(jobs), cron };
    marketplace.addJobs(timetable);
    stripeApp?.addJobs(timetable);
  }

  /** What happened while nobody was here is not left to the timetable. */
  async catchUp(): Promise<void> {
    const { settings, databases } = this.#options.base;
    if (!settings.stripeSecretKey) return;
    const enqueue = enqueueOn(databases.jobs.sql);
    for (const job of [RECONCILE_JOB, ...CATCH_UP_JOBS]) await enqueue(job, null, { key: job });
  }
}
