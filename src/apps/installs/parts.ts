import type Stripe from 'stripe';
import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import type { Api } from '../../http/api.ts';
import type { Handlers } from '../../inbox/handlers.ts';
import type { Timetable } from '../../jobs/jobs.ts';
import type { Logger } from '../../log.ts';
import type { StripeClients } from '../../stripe/clients.ts';
import { UnderWay } from '../../under-way.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { CHECK_INSTALLS_JOB, checkInstalls } from './check.ts';
import { addInstallHandlers } from './handlers.ts';
import { HOOK_JOB, runHook, type HookOptions } from './hooks.ts';
import { Installs, TOLD_NOTHING } from './installs.ts';
import { OwnAccount } from './own-account.ts';
import { REMOVE_JOB, removeInstall, SWEEP_REMOVALS_JOB, sweepRemovals } from './removal.ts';
import { installRoutes } from './routes.ts';
import { installOf } from './rows.ts';

// Not at the full hour, when everybody's timetable asks Stripe.
const HOURLY = '23 * * * *';
const DAILY = '37 4 * * *';

export interface InstallPartsOptions extends Pick<HookOptions, 'contextFor' | 'enqueueFor'> {
  /** One pool for requests; and one without a limit for a statement, for removals. */
  databases: { requests: Database; jobs: Database };
  clients: Pick<StripeClients, 'own' | 'for'>;
  handlers: Pick<Handlers, 'on'>;
  logger: Logger;
  /** The mode of our key. */
  livemode: boolean;
  settings: {
    app: AppSettings;
    stripeAppClientId?: string | undefined;
    stripeConnectClientId?: string | undefined;
  };
  /** The client that speaks for an install: by its token or key, where it has one. */
  clientOf: (install: Install) => Stripe;
  /** Forgets what opens the account of an install that ends, in the same transaction. */
  revoke: (sql: Sql, install: Install) => Promise<void>;
}

/** Who has installed the app: told by events, asked for at Stripe, ended, and removed in the end. */
export class InstallParts {
  readonly installs: Installs;
  readonly #options: InstallPartsOptions;
  readonly #ownAccount: OwnAccount;
  readonly #asking = new UnderWay<Install | null>();

  constructor(options: InstallPartsOptions) {
    this.#options = options;
    const own = (): Stripe => options.clients.own();
    this.#ownAccount = new OwnAccount(own);
    this.installs = new Installs({ ...options, app: options.settings.app, own });
  }

  addHandlers(): void {
    const { handlers, settings } = this.#options;
    addInstallHandlers(handlers, {
      installs: this.installs,
      ownAccount: this.#ownAccount,
      app: settings.app,
      clients: { app: settings.stripeAppClientId, connect: settings.stripeConnectClientId },
    });
  }

  addJobs({ job, cron }: Timetable): void {
    const { databases, settings, clients, livemode } = this.#options;
    const { app } = settings;
    const hooks = { ...this.#options, database: databases.requests, app };
    job(HOOK_JOB, (payload, context) => runHook(hooks, payload, context));
    job(REMOVE_JOB, async (payload) => {
      await removeInstall({ database: databases.jobs, app }, (payload as { install: string }).install);
    });
    job(SWEEP_REMOVALS_JOB, (_, { sql }) => sweepRemovals(sql, livemode));
    cron(HOURLY, SWEEP_REMOVALS_JOB);
    job(CHECK_INSTALLS_JOB, () =>
      checkInstalls({
        ...this.#options,
        database: databases.requests,
        app,
        installs: this.installs,
        own: () => clients.own(),
        ownAccount: this.#ownAccount,
      }),
    );
    cron(DAILY, CHECK_INSTALLS_JOB);
  }

  addRoutes(api: Api): void {
    const { databases, settings } = this.#options;
    installRoutes(api, {
      ...this.#options,
      database: databases.requests,
      installs: this.installs,
      app: settings.app,
      removal: { database: databases.jobs, app: settings.app },
    });
  }

  /** The install that a request speaks for, or null: the account has not installed the app, or no longer. */
  async active(account: string, livemode: boolean): Promise<Install | null> {
    if (livemode !== this.#options.livemode) return null;
    const { databases, settings } = this.#options;
    const known = await installOf(databases.requests.sql, account, livemode);
    const install = known ?? (settings.app.distribution === 'private' ? await this.#ours(account) : null);
    return install?.status === 'installed' ? install : null;
  }

  // A private app is on our own account: no event needs to have told. Asked once for all who come meanwhile,
  // since who asks holds a connection that pages need too.
  async #ours(account: string): Promise<Install | null> {
    if (account !== (await this.#ownAccount.id())) return null;
    const { databases, livemode } = this.#options;
    return this.#asking.join(account, () =>
      databases.requests.transaction((sql) => this.installs.sync(sql, { account, livemode }, TOLD_NOTHING)),
    );
  }
}
