import type { Hono } from 'hono';
import { DisputeParts } from './disputes/parts.ts';
import type { Foundation } from './foundation.ts';
import { sweepUnknownAccounts } from './inbox/known-accounts.ts';
import type { JobFunction } from './jobs/jobs.ts';
import { Movements } from './movements/movements.ts';
import { MOVEMENT_JOB } from './movements/plan.ts';
import type { OrderRow } from './orders/order.ts';
import type { Reference, Settler } from './orders/settle.ts';
import { SPLIT, splitHooks } from './orders/split.ts';

const ACCOUNTS_JOB = 'quittance.sweep_accounts';
const SWEEP_MOVEMENTS_JOB = 'quittance.sweep_movements';
const EVERY_MINUTE = '* * * * *';

/** What the marketplace needs besides the foundation. */
export interface MarketplaceParts {
  /** Reads an order's payment from Stripe and brings the order to it, in a transaction of its own. */
  settle: (reference: Reference) => Promise<OrderRow | null>;
  /** The same inside a transaction that is there already. */
  settler: Settler;
}

/** Where jobs are declared; a timetable line only when there is a Stripe key. */
export interface Timetable {
  job: (name: string, work: JobFunction) => void;
  cron: (spec: string, name: string) => void;
}

/** Sellers, their payments, refunds, disputes and payouts: one place that wires the nouns together. */
export class Marketplace {
  readonly #base: Foundation;
  readonly #parts: MarketplaceParts;
  /** Every call that moves money. */
  readonly movements: Movements;
  readonly #disputes: DisputeParts;

  constructor(base: Foundation, parts: MarketplaceParts) {
    this.#base = base;
    this.#parts = parts;
    this.movements = new Movements({ ...base, database: base.databases.requests });
    // Transfers of carts with several sellers.
    this.movements.on(SPLIT, splitHooks(base.alarm));
    this.#disputes = new DisputeParts(base, { settler: parts.settler, movements: this.movements });
  }

  /** Which events move what. */
  addHandlers(): void {
    this.#disputes.addHandlers();
  }

  /** Work in the background: movements that wait, sellers that are polled, deadlines. */
  addJobs(timetable: Timetable): void {
    const { databases, alarm } = this.#base;
    timetable.job(ACCOUNTS_JOB, async () => void (await sweepUnknownAccounts(databases.requests, alarm)));
    timetable.cron(EVERY_MINUTE, ACCOUNTS_JOB);
    timetable.job(MOVEMENT_JOB, (payload) => this.movements.work(payload));
    timetable.job(SWEEP_MOVEMENTS_JOB, async () => void (await this.movements.sweep()));
    timetable.cron(EVERY_MINUTE, SWEEP_MOVEMENTS_JOB);
    this.#disputes.addJobs(timetable);
    void this.#parts;
  }

  /** Every address of the marketplace. */
  addRoutes(app: Hono): void {
    this.#disputes.addRoutes(app);
  }
}
