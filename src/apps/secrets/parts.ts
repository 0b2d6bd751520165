import type Stripe from 'stripe';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import type { Timetable } from '../../jobs/jobs.ts';
import type { Vault } from '../../vault/vault.ts';
import type { AppSecrets } from '../context.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { LocalSecrets } from './local-secrets.ts';
import { deleteExpired } from './rows.ts';
import { StripeSecrets } from './stripe-secrets.ts';

const PRUNE_JOB = 'quittance.app_prune_secrets';
const HOURLY = '23 * * * *';

export interface SecretPartsOptions {
  database: Database;
  vault: Vault;
  clock: Clock;
  store: AppSettings['secretStore'];
  stripeFor: (install: Install) => Stripe;
}

/** Secrets of installs, in the store that the options name. */
export class SecretParts {
  readonly #options: SecretPartsOptions;

  constructor(options: SecretPartsOptions) {
    this.#options = options;
  }

  for(install: Install): AppSecrets {
    const { store, stripeFor, clock } = this.#options;
    if (store === 'local') return new LocalSecrets({ ...this.#options, owner: install.id });
    return new StripeSecrets({ stripe: () => stripeFor(install), clock });
  }

  /** Whatever the store is now: it may have been ours before. */
  addJobs({ job, cron }: Timetable): void {
    const { database, clock } = this.#options;
    job(PRUNE_JOB, () => deleteExpired(database.sql, new Date(clock.now())));
    cron(HOURLY, PRUNE_JOB);
  }
}
