import type { Hono } from 'hono';
import { POLL_JOB } from './connect/poll.ts';
import { SellerParts } from './connect/parts.ts';
import { peopleRoutes } from './connect/people-routes.ts';
import { DisputeParts } from './disputes/parts.ts';
import type { Foundation } from './foundation.ts';
import { plainSources } from './http/security-headers.ts';
import type { Api } from './http/api.ts';
import { sweepUnknownAccounts } from './inbox/known-accounts.ts';
import type { Timetable } from './jobs/jobs.ts';
import { Movements } from './movements/movements.ts';
import { MOVEMENT_JOB } from './movements/plan.ts';
import { movementRoutes } from './movements/routes.ts';
import { OrderActions } from './orders/actions.ts';
import type { OrderRow } from './orders/order.ts';
import { orderRoutes } from './orders/routes.ts';
import type { Reference, Settler } from './orders/settle.ts';
import { SPLIT, splitHooks } from './orders/split.ts';
import { RefundParts, SWEEP_REFUNDS_JOB } from './refunds/parts.ts';
import { PayoutParts } from './payouts/parts.ts';

const ACCOUNTS_JOB = 'quittance.sweep_accounts';
const SWEEP_MOVEMENTS_JOB = 'quittance.sweep_movements';
// Not at the full hour, when everybody's timetable asks Stripe.
const HOURLY = '41 * * * *';
/** Begun at start: money that was on its way when a process died does not wait for the timetable. */
export const CATCH_UP_JOBS = [SWEEP_MOVEMENTS_JOB, ACCOUNTS_JOB, POLL_JOB];
const EVERY_MINUTE = '* * * * *';

/** What the marketplace needs besides the foundation. */
export interface MarketplaceParts {
  /** Reads an order's payment from Stripe and brings the order to it, in a transaction of its own. */
  settle: (reference: Reference) => Promise<OrderRow | null>;
  /** The same inside a transaction that is there already. */
  settler: Settler;
}

/** Sellers, their payments, refunds, disputes and payouts: one place that wires the nouns together. */
export class Marketplace {
  readonly #base: Foundation;
  /** Every call that moves money. */
  readonly movements: Movements;
  readonly #orders: OrderActions;
  readonly #disputes: DisputeParts;
  readonly #refunds: RefundParts;
  /** Who sells, and where each stands. */
  readonly sellers: SellerParts;
  readonly #payouts: PayoutParts;

  constructor(base: Foundation, parts: MarketplaceParts) {
    this.#base = base;
    const { databases, settings, options } = base;
    const ground = { ...base, database: databases.requests };
    const { settle, settler } = parts;
    this.sellers = new SellerParts({ ...ground, settle, onSellerChange: options.onSellerChange });
    this.#orders = new OrderActions({ ...ground, settler });
    this.movements = new Movements(ground);
    // Transfers of carts with several sellers.
    this.movements.on(SPLIT, splitHooks(base.alarm));
    const common = { ...ground, apiKey: settings.apiKey, movements: this.movements };
    this.#refunds = new RefundParts({ ...common, settler });
    this.#disputes = new DisputeParts({ ...common, settler, connect: settings.connect });
    this.#payouts = new PayoutParts(common);
  }

  /** Which events move what. */
  addHandlers(): void {
    this.sellers.addHandlers();
    this.#disputes.addHandlers();
    this.#refunds.addHandlers();
    this.#payouts.addHandlers();
  }

  /** Work in the background: movements that wait, sellers that are polled, deadlines. */
  addJobs(timetable: Timetable): void {
    const { databases, alarm } = this.#base;
    timetable.job(ACCOUNTS_JOB, async () => void (await sweepUnknownAccounts(databases.requests, alarm)));
    timetable.cron(EVERY_MINUTE, ACCOUNTS_JOB);
    timetable.job(MOVEMENT_JOB, (payload) => this.movements.work(payload));
    timetable.job(SWEEP_MOVEMENTS_JOB, async () => void (await this.movements.sweep()));
    timetable.cron(EVERY_MINUTE, SWEEP_MOVEMENTS_JOB);
    this.sellers.addJobs(timetable);
    this.#disputes.addJobs(timetable);
    timetable.job(SWEEP_REFUNDS_JOB, () => this.#refunds.sweep());
    timetable.cron(HOURLY, SWEEP_REFUNDS_JOB);
    this.#payouts.addJobs(timetable);
  }

  /** Every address of the marketplace. */
  addRoutes(app: Hono, api: Api): void {
    const { databases, side, settings } = this.#base;
    const common = { database: databases.requests, livemode: side.livemode };
    orderRoutes(app, api, { ...settings, ...common, actions: this.#orders });
    movementRoutes(api, { ...common, movements: this.movements });
    this.sellers.addRoutes(api);
    this.#addPeopleRoutes(app, api);
    this.#disputes.addRoutes(api);
    this.#refunds.addRoutes(api);
    this.#payouts.addRoutes(api);
  }

  // The pages of sellers and staff.
  #addPeopleRoutes(app: Hono, api: Api): void {
    const { settings, databases, side, clients, clock, logger } = this.#base;
    const { sync, sellers } = this.sellers;
    const { shopName, publicUrl } = settings;
    peopleRoutes(app, api, {
      settings,
      livemode: side.livemode,
      database: databases.requests,
      clients,
      clock,
      logger,
      page: { shopName, sources: plainSources(publicUrl) },
      sync,
      complete: (seller) => sellers.complete(seller),
    });
  }
}
