import type { Hono } from 'hono';
import { RestrictedKeys } from './apps/access/restricted-keys.ts';
import { restrictedKeyRoutes } from './apps/access/routes.ts';
import { StripeAccess } from './apps/access/access.ts';
import { ConnectionParts } from './apps/connections/parts.ts';
import type { AppContext, AppJobFunction, InstallContext, VerifiedAppRequest } from './apps/context.ts';
import type { Install } from './apps/install.ts';
import { CHECK_INSTALLS_JOB } from './apps/installs/check.ts';
import { InstallParts } from './apps/installs/parts.ts';
import { installById } from './apps/installs/rows.ts';
import { installRoutes } from './apps/oauth/routes.tsx';
import { SecretParts } from './apps/secrets/parts.ts';
import type { AppSettings } from './apps/settings.ts';
import { checkAppRoutes } from './apps/signed/check-routes.ts';
import { signedBy, type Signed, type SignedOptions } from './apps/signed/middleware.ts';
import { addOwnRoutes, isReserved } from './apps/signed/own-routes.ts';
import { PRUNE_REQUESTS_JOB, pruneRequests } from './apps/signed/rows.ts';
import { AppVerifier, type Verification, type VerifyOptions } from './apps/signed/verifier.ts';
import { AppWork } from './apps/work/work.ts';
import { QuittanceError } from './errors.ts';
import type { Foundation } from './foundation.ts';
import type { Api } from './http/api.ts';
import type { Read } from './http/request.ts';
import type { Problem } from './http/problem.ts';
import { plainSources } from './http/security-headers.ts';
import type { Timetable } from './jobs/jobs.ts';
import type { Settings } from './options.ts';
import { Vault } from './vault/vault.ts';

const EVERY_FIVE_MINUTES = '*/5 * * * *';

/** The settings of a server that is the backend of an app. */
type AppServerSettings = Settings & { app: AppSettings };

/** The backend of a Stripe App: one place that wires its parts together. */
export class StripeApp {
  readonly #base: Foundation;
  readonly #settings: AppServerSettings;
  readonly #vault: Vault;
  readonly #access: StripeAccess;
  readonly #secrets: SecretParts;
  readonly #connections: ConnectionParts;
  readonly #work: AppWork;
  readonly #installs: InstallParts;
  readonly #keys: RestrictedKeys;
  readonly #verifier: AppVerifier;
  /**
   * Middleware for routes of your own Hono application that only the app's extension may call:
   * `app.use('/notes/*', quittance.app.signed())`. Routes of the option `app.routes` have it already.
   */
  readonly signed: Signed;

  /** Begun at start, besides the timetable. */
  readonly catchUpJobs: readonly string[] = [CHECK_INSTALLS_JOB];

  constructor(base: Foundation, settings: AppServerSettings) {
    this.#base = base;
    this.#settings = settings;
    const { databases, side } = base;
    const vault = new Vault(settings);
    this.#vault = vault;
    const ground = { ...base, database: databases.requests, vault, settings, livemode: side.livemode };
    const contextFor = (install: Install): InstallContext => this.#contextFor(install);
    const findInstall = (id: string): Promise<Install | null> => installById(databases.requests.sql, id);
    this.#access = new StripeAccess(ground);
    const stripeFor = this.#access.for.bind(this.#access);
    this.#secrets = new SecretParts({ ...ground, store: settings.app.secretStore, stripeFor });
    this.#connections = new ConnectionParts({
      ...ground,
      settings: { ...settings, connections: settings.app.connections },
      install: findInstall,
      page: pageOf(settings),
    });
    this.#work = new AppWork({ ...ground, findInstall, contextFor });
    this.#installs = new InstallParts({
      ...ground,
      contextFor,
      enqueueFor: (install, sql) => this.#work.enqueueFor(install, sql),
      clientOf: stripeFor,
      revoke: this.#access.revoke.bind(this.#access),
    });
    const { access } = settings.app;
    const installed = this.#installs.installs.installed.bind(this.#installs.installs);
    this.#keys = new RestrictedKeys({ ...ground, access, installed });
    this.#verifier = new AppVerifier({
      ...ground,
      secrets: settings.stripeAppSecret,
      webhookSecrets: webhookSecretsOf(settings),
      signing: settings.app.signing,
      count: (result) => base.metrics.appRequests.inc({ result }),
    });
    this.signed = this.#signedBy();
    for (const [name, work] of Object.entries(settings.app.jobs)) this.job(name, work);
    for (const [spec, name] of Object.entries(settings.app.cron)) this.cron(spec, name);
  }

  /**
   * Verifies what the app's extension sent, without a router: who sent it, and that it is whole, of now, for
   * this address and new. The body is read here, so nobody may have read it before. Says `{ verified }`, or
   * `{ problem }` with the status, code and words to answer with.
   */
  verifyAppRequest(request: Request, options?: VerifyOptions): Promise<Verification> {
    return this.#verifier.verify(request, options);
  }

  /**
   * Keeps the restricted key that an account made for the app, as the option `access: 'restricted_api_key'`
   * has it, and notes the app as installed there.
   */
  keepRestrictedKey(key: { account: string; key: string }): Promise<Read<Install>> {
    return this.#keys.keep(key);
  }

  /** Declares a job that runs for one install. Call before `start`. */
  job(name: string, work: AppJobFunction): void {
    this.#work.job(name, work);
  }

  /** Runs a job for each installed account on a timetable (crontab line, UTC). Call before `start`. */
  cron(spec: string, name: string): void {
    this.#work.cron(spec, name);
  }

  addHandlers(): void {
    this.#installs.addHandlers();
  }

  /** Work in the background; after the last `job` and `cron`. Lines of `withKey` count if there is a key. */
  addJobs(timetable: Timetable, withKey: Timetable): void {
    this.#installs.addJobs(withKey);
    this.#secrets.addJobs(timetable);
    this.#work.addJobs(timetable);
    const { clock } = this.#base;
    timetable.job(PRUNE_REQUESTS_JOB, async (_, { sql }) => {
      await pruneRequests(sql, new Date(clock.now()));
    });
    timetable.cron(EVERY_FIVE_MINUTES, PRUNE_REQUESTS_JOB);
  }

  /** Every address of the app: ours first, then those of the options, each behind `signed()`. */
  addRoutes(app: Hono, api: Api): void {
    const { databases, side, clients, clock, logger } = this.#base;
    const settings = this.#settings;
    const { installs } = this.#installs;
    this.#installs.addRoutes(api);
    restrictedKeyRoutes(api, this.#keys);
    installRoutes(app, {
      settings,
      clients,
      clock,
      logger,
      database: databases.requests,
      vault: this.#vault,
      livemode: side.livemode,
      installed: installs.installed.bind(installs),
      page: pageOf(settings),
    });
    this.#connections.addRoutes(app);
    addOwnRoutes(app, settings.app.routes, this.#signedBy({ isClosed: isReserved }));
  }

  /** Refuses a route that lets other sites in without verifying, or the other way round. */
  checkRoutes(app: Hono): Promise<void> {
    return checkAppRoutes(app);
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  #signedBy(more: Pick<SignedOptions, 'isClosed'> = {}): Signed {
    return signedBy({
      verifier: this.#verifier,
      contextFor: (verified) => this.#contextOf(verified),
      ...more,
    });
  }

  async #contextOf(verified: VerifiedAppRequest): Promise<AppContext | Problem> {
    const { sql } = this.#base.databases.requests;
    const install = await this.#installs.active(verified.accountId, verified.livemode);
    if (!install) return NOT_INSTALLED;
    const context = this.#contextFor(install);
    const own = { verified, sql, enqueue: this.#work.enqueueFor(install, sql) };
    return Object.defineProperties(own, Object.getOwnPropertyDescriptors(context)) as AppContext;
  }

  // `stripe` is made when it is asked for: an account that has gone has none.
  #contextFor(install: Install): InstallContext {
    const access = this.#access;
    return {
      install,
      secrets: this.#secrets.for(install),
      connections: this.#connections.for(install),
      get stripe() {
        return access.for(install);
      },
    };
  }
}

/** Null for a server that is no backend of an app. */
export function stripeAppOf(base: Foundation): StripeApp | null {
  const { app } = base.settings;
  return app ? new StripeApp(base, { ...base.settings, app }) : null;
}

/** What a server without an app says of it. */
export function appNotConfigured(): QuittanceError {
  const message = 'This server is no backend of a Stripe App: give the option "app", for example app: {}.';
  return new QuittanceError({ code: 'app_not_configured', message });
}

function webhookSecretsOf(settings: Settings): string[] {
  const { stripeWebhookSecret, stripeThinWebhookSecret, stripeConnectWebhookSecret } = settings;
  return [...stripeWebhookSecret, ...stripeThinWebhookSecret, ...stripeConnectWebhookSecret];
}

function pageOf({ shopName, publicUrl }: Settings) {
  return { shopName, sources: plainSources(publicUrl) };
}

const NOT_INSTALLED: Problem = {
  status: 403,
  code: 'not_installed',
  detail: 'The app is not installed on this account (any more).',
};
