import type Stripe from 'stripe';
import type { Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { QuittanceError } from '../errors.ts';
import { ALONE, SLOW, WIDE, type Lane } from './claim.ts';

/** Puts a job into the queue, in the transaction of the handler that calls it. */
export type Enqueue = (name: string, payload?: unknown, options?: EnqueueOptions) => Promise<void>;

export interface EnqueueOptions {
  /** A job that waits under this key is replaced instead of queued twice. */
  key?: string;
  /** Not before this time. */
  runAt?: Date;
}

/** What a handler is given. Everything in it is bound to the event's account and mode. */
export interface HandlerContext {
  /** The event as Stripe sent it: a snapshot event, or a thin one (`object: "v2.core.event"`). */
  event: Stripe.Event;
  /** `event.data.object`; for a thin event its `related_object`. It may be older than Stripe's state. */
  object: Record<string, unknown>;
  /** The connected account the event belongs to (`acct_…`), or null for our own. */
  account: string | null;
  livemode: boolean;
  /** Runs statements in the transaction that also marks the event as done. Ends with the handler. */
  sql: Sql;
  /** Runs statements under a savepoint, so that a failure can be caught. Needs the lane for slow work. */
  nested: Nested;
  /** Queues a job in that same transaction: for everything outside the database. */
  enqueue: Enqueue;
  /** Stripe's client for this account and mode. Using it moves the event to the lane for slow work. */
  stripe: Stripe;
}

/**
 * What runs for an event. Returning nothing means done, a value of outcome.ts means what it says there;
 * a throw undoes the handler's writes and is tried again.
 */
export type Handler = (context: HandlerContext) => unknown;

export interface HandlerOptions {
  /**
   * `stripe`: this handler reads or calls Stripe, so it runs one object at a time in the lane for slow
   * work. Without it the first use of `stripe` is noticed, the attempt undone and run again there.
   */
  lane?: 'database' | 'stripe';
}

// A type whose handlers hung stays out of the wide lane for a while, not for ever: it may have been a moment.
const APART_MS = 10 * 60_000;

/** Which handlers run for which event type, and in which lane. */
export class Handlers {
  readonly #byType = new Map<string, Handler[]>();
  readonly #slow = new Set<string>();
  readonly #apartUntil = new Map<string, number>();
  #slowList: readonly string[] = [];

  on(type: string, handler: Handler, options: HandlerOptions = {}): void {
    if (typeof type !== 'string' || type === '' || typeof handler !== 'function') {
      throw new QuittanceError({
        code: 'invalid_handler',
        message: 'on(type, handler) takes an event type such as "charge.refunded" and a function.',
      });
    }
    const known = this.#byType.get(type);
    if (known) known.push(handler);
    else this.#byType.set(type, [handler]);
    if (options.lane === 'stripe') this.markSlow(type);
  }

  of(type: string): readonly Handler[] {
    return this.#byType.get(type) ?? [];
  }

  has(type: string): boolean {
    return this.#byType.has(type);
  }

  types(): string[] {
    return [...this.#byType.keys()];
  }

  /** Remembers that events of this type need the lane for slow work. */
  markSlow(type: string): void {
    this.#slow.add(type);
    this.#slowList = [...this.#slow];
  }

  /** A handler of this type held up a whole batch: its events are run alone for ten minutes. */
  setApart(type: string): void {
    this.#apartUntil.set(type, performance.now() + APART_MS);
  }

  laneOf(type: string): Lane {
    if (this.#apartUntil.size > 0 && performance.now() < (this.#apartUntil.get(type) ?? 0)) return ALONE;
    return this.#slow.has(type) ? SLOW : WIDE;
  }

  slowTypes(): readonly string[] {
    return this.#slowList;
  }
}
