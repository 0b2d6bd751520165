import type { Hono } from 'hono';
import type { Foundation } from './foundation.ts';
import type { JobFunction } from './jobs/jobs.ts';
import type { OrderRow } from './orders/order.ts';
import type { Reference } from './orders/settle.ts';

/** What the marketplace needs besides the foundation. */
export interface MarketplaceParts {
  /** Reads an order's payment from Stripe and brings the order to it, in a transaction of its own. */
  settle: (reference: Reference) => Promise<OrderRow | null>;
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

  constructor(base: Foundation, parts: MarketplaceParts) {
    this.#base = base;
    this.#parts = parts;
  }

  /** Which events move what. */
  addHandlers(): void {
    void this.#base.handlers;
  }

  /** Work in the background: movements that wait, sellers that are polled, deadlines. */
  addJobs(timetable: Timetable): void {
    void timetable;
    void this.#parts;
  }

  /** Every address of the marketplace. */
  addRoutes(app: Hono): void {
    void app;
  }
}
