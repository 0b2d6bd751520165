import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { isSignedRoute } from './apps/signed/check-routes.ts';
import { Background } from './background.ts';
import type { ReconcileReport } from './events/reconcile.ts';
import { layFoundation, type Foundation } from './foundation.ts';
import type { Metrics } from './http/metrics.ts';
import type { Handler, HandlerOptions } from './inbox/handlers.ts';
import type { JobFunction } from './jobs/context.ts';
import { Jobs } from './jobs/jobs.ts';
import { briefly, Lifecycle } from './lifecycle.ts';
import { listenerOf, type NodeListener } from './listener.ts';
import { Marketplace } from './marketplace.ts';
import { refuseUnfitParts } from './option-parts.ts';
import type { QuittanceOptions } from './options.ts';
import { addOrderHandlers } from './orders/handlers.ts';
import type { OrderRow } from './orders/order.ts';
import { Settler, type Reference } from './orders/settle.ts';
import { planSplits } from './orders/split.ts';
import { buildPipeline, type Pipeline } from './pipeline.ts';
import { readinessOf } from './readiness.ts';
import { reconcileNow, sweepOrdersNow } from './reconcile-now.ts';
import { routesOf } from './routes.ts';
import { settleNow } from './settle-now.ts';
import type { SinkParts } from './sinks/parts.ts';
import { sinksOf } from './sinks.ts';
import { Startup, type Step } from './startup.ts';
import { appNotConfigured, stripeAppOf, type StripeApp } from './stripe-app.ts';

/** How a process takes part. */
export interface StartOptions {
  /** Run handlers, jobs and the timetable here. Default true; a process that only receives says false. */
  work?: boolean;
  /** The id of a process known to be dead, whose work is released at once. */
  replaces?: string;
}

/**
 * A payments backend. `fetch` answers requests in any server that speaks Web-standard `Request` and
 * `Response`; `start` connects the database and begins to work; `stop` finishes what runs and lets go.
 */
export class Quittance {
  /** This process, as the others know it. */
  readonly id = randomUUID();
  readonly #base: Foundation;
  readonly #jobs: Jobs;
  readonly #marketplace: Marketplace;
  readonly #stripeApp: StripeApp | null;
  readonly #sinks: SinkParts;
  readonly #pipeline: Pipeline;
  readonly #startup: Startup;
  readonly #settle: (reference: Reference) => Promise<OrderRow | null>;
  readonly #routes: Hono;
  readonly #background: Background;
  readonly #storedListeners: (() => void)[] = [];
  readonly #lifecycle = new Lifecycle();
  readonly #stopping = new AbortController();
  #ready: Promise<void> | undefined;
  #isPresent = false;
  #works = false;

  constructor(options: QuittanceOptions) {
    refuseUnfitParts(options);
    const base = layFoundation(options);
    this.#base = base;
    const { databases, clients, logger, reach, alarm, side } = base;
    this.#jobs = new Jobs({ database: databases.jobs, stripe: () => clients.own(), logger });
    const settler = new Settler({ fulfil: options.fulfil ?? (() => {}), reach, alarm, onPaid: planSplits });
    this.#settle = settleNow({ database: databases.requests, settler, clients }, side);
    this.#pipeline = buildPipeline(base, this.#jobs, this.id, () => this.#wake());
    this.#startup = new Startup(databases.jobs, logger);
    addOrderHandlers(base.handlers, settler);
    this.#marketplace = new Marketplace(base, { settle: this.#settle, settler });
    this.#stripeApp = stripeAppOf(base);
    this.#sinks = sinksOf(base);
    for (const part of [this.#marketplace, this.#stripeApp, this.#sinks]) part?.addHandlers();
    this.#background = new Background({
      base,
      jobs: this.#jobs,
      marketplace: this.#marketplace,
      stripeApp: this.#stripeApp,
      sinks: this.#sinks,
      reconcile: () => this.reconcile(),
      sweepOrders: () => this.sweepOrders(),
    });
    this.#declare(options);
    this.#routes = routesOf({
      ...base,
      ...this.#pipeline,
      database: databases.requests,
      settle: this.#settle,
      slowTypes: () => base.handlers.slowTypes(),
      wake: () => this.#wake(),
      marketplace: this.#marketplace,
      stripeApp: this.#stripeApp,
      sinks: this.#sinks,
      timetable: () => this.#jobs.timetable(),
      readiness: () => readinessOf({ ...base, ...this.#pipeline, trouble: this.#startup.trouble }),
    });
  }

  /** Answers one request. Mount it for all addresses this server is to have. */
  readonly fetch = async (request: Request): Promise<Response> => this.#routes.fetch(request);

  /** True when this address is one of ours; an adapter passes other requests on. */
  readonly handles = (method: string, path: string): boolean =>
    // What stands before all routes, at `/*`, matches every address, the host's own too.
    this.#routes.router.match(method, path)[0].some(([[, route]]) => route.path !== '/*');

  /** True when what comes to this address has to be signed by the extension of our Stripe App. */
  readonly isSigned = (path: string): boolean => isSignedRoute(this.#routes, path);

  /** The backend of a Stripe App. Throws `app_not_configured` when there is no option `app`. */
  get app(): StripeApp {
    if (!this.#stripeApp) throw appNotConfigured();
    return this.#stripeApp;
  }

  /** The same for node:http, with a shorter way for webhooks: `createServer(quittance.listener)`. */
  get listener(): NodeListener {
    return listenerOf(this.fetch, this.#pipeline.entrances, this.#base);
  }

  /** The counters behind `/metrics`, for processes that are one server together. */
  get metrics(): Metrics {
    return this.#base.metrics;
  }

  /** Runs `handler` for events of this type, in the order of each object. Call before `start`. */
  on(type: string, handler: Handler, options?: HandlerOptions): this {
    this.#lifecycle.refuseUnlessNew('on');
    this.#base.handlers.on(type, handler, options);
    return this;
  }

  /** Declares a job that handlers and `fulfil` can `enqueue`. Call before `start`. */
  job(name: string, work: JobFunction): this {
    this.#lifecycle.refuseUnlessNew('job');
    this.#jobs.job(name, work);
    return this;
  }

  /**
   * Queues a declared job on a timetable (crontab line, UTC): once, however many processes run. Call before
   * `start`.
   */
  cron(spec: string, name: string): this {
    this.#lifecycle.refuseUnlessNew('cron');
    this.#jobs.cron(spec, name);
    return this;
  }

  /** Tells when events were stored here, so that a process that works elsewhere can be woken. */
  onStored(listener: () => void): void {
    this.#storedListeners.push(listener);
  }

  /** Look for new work now instead of at the next poll. */
  wake(): void {
    this.#pipeline.drain.wake();
  }

  /**
   * Connects the database, migrates it, begins to work. Throws when the options or the database are unfit.
   * A database that is merely away is waited for in the background: requests are answered meanwhile, and
   * `whenReady` tells. Once only, also when it failed: `already_started`, `already_stopped`.
   */
  start(options: StartOptions = {}): Promise<void> {
    return this.#lifecycle.start(() => this.#start(options));
  }

  async #start({ work = true, replaces }: StartOptions): Promise<void> {
    this.#background.declare();
    await this.#stripeApp?.checkRoutes(this.#routes);
    const { presence, drain } = this.#pipeline;
    const present = async (): Promise<void> => {
      await presence.start(replaces);
      this.#isPresent = true;
    };
    const steps: Step[] = [present, () => this.#base.operators.start()];
    if (work) {
      steps.push(
        () => this.#jobs.start(() => presence.beat()),
        async () => {
          drain.start();
          this.#works = true;
        },
        () => this.#background.catchUp(),
      );
    }
    const isReady = await this.#startup.tryOnce(steps);
    this.#ready = isReady ? Promise.resolve() : this.#startup.untilReady(steps);
    this.#ready.catch(() => {}); // told by whenReady
  }

  /** Resolves when everything runs; rejects when the database turns out to be unfit. */
  async whenReady(): Promise<void> {
    await this.#ready;
  }

  /** Finishes what is running, within 10 s, and releases everything. Every call returns the same promise. */
  stop(): Promise<void> {
    return this.#lifecycle.stop((msLeft) => this.#stop(msLeft));
  }

  async #stop(msLeft: () => number): Promise<void> {
    const { receiver, drain, presence, entranceLog } = this.#pipeline;
    this.#stopping.abort();
    this.#startup.stop();
    const unwatched = this.#base.hub.stop(); // a read that hangs must not hold up the rest
    await this.#lifecycle.settled();
    await this.#ready?.catch(() => {});
    await this.#sinks.stop();
    await Promise.all([receiver.stop(), ...(this.#works ? [drain.stop(), this.#jobs.stop()] : [])]);
    const leave = this.#isPresent ? presence.stop().catch(() => {}) : Promise.resolve(); // others notice
    await briefly([leave, entranceLog.stop()]);
    await this.#stripeApp?.close();
    await this.#base.databases.close(msLeft());
    await unwatched;
    this.#base.clients.close();
  }

  /** Reads Stripe's list of events and stores what is missing. Without a key: `stripe_not_configured`. */
  async reconcile(source: 'reconcile' | 'cli' = 'reconcile'): Promise<ReconcileReport> {
    const report = await reconcileNow(this.#base, { source, signal: this.#stopping.signal });
    if (report.stored > 0) this.#wake();
    return report;
  }

  /** Reads the state of open orders from Stripe. Returns the orders that changed. */
  sweepOrders(): Promise<OrderRow[]> {
    return sweepOrdersNow(this.#base, this.#settle);
  }

  #declare({ handlers = {}, jobs = {}, cron = {} }: QuittanceOptions): void {
    for (const [type, handler] of Object.entries(handlers)) this.on(type, handler);
    for (const [name, work] of Object.entries(jobs)) this.job(name, work);
    for (const [spec, name] of Object.entries(cron)) this.cron(spec, name);
  }

  #wake(): void {
    this.wake();
    for (const listener of this.#storedListeners) listener();
  }
}

/** Builds a Quittance from its options. Throws `invalid_options`, naming each that is wrong. */
export function createQuittance(options: QuittanceOptions): Quittance {
  return new Quittance(options);
}
