import type Stripe from 'stripe';
import type { Nested } from '../db/database.ts';
import { sqlOn, type Queryable, type Sql } from '../db/sql.ts';
import type { WorkRow } from './claim.ts';
import type { Enqueue, Handler, HandlerContext } from './handlers.ts';
import { leased, leasedSql, underLease, type Lease } from './lease.ts';
import { asOutcome, combine, type Outcome } from './outcome.ts';

// Longer than any call to Stripe with its own timeouts, shorter than the server's limit for a transaction
// that waits for us (45 s), which would end it anyway.
export const HANDLER_SECONDS_MAX = 30;

/** A handler of the wide lane asked for Stripe: the event belongs to the lane for slow work. */
export class NeedsSlowLane extends Error {}

export interface AttemptOptions {
  enqueueOn: (sql: Sql, row: WorkRow) => Enqueue;
  /** The client for this row's account and mode; null in the wide lane. */
  stripeFor: ((row: WorkRow) => Stripe) | null;
  /** Savepoints on this connection; null in the wide lane, where objects are handled side by side. */
  nested: Nested | null;
  /** Seconds for all handlers of one event together. */
  handlerSecondsMax: number;
}

export interface Attempted {
  outcome: Outcome;
  /** How many of the event's handlers need not run again. */
  handled: number;
}

/**
 * Runs the handlers of one event on one connection, one after another, and says what they made of it.
 * One that asks to be tried later holds those behind it; those before it are done and are not run again.
 * Throws what a handler throws, `NeedsSlowLane`, or `HandlerTimeout`.
 */
export async function attempt(
  connection: Queryable,
  row: WorkRow,
  handlers: readonly Handler[],
  options: AttemptOptions,
): Promise<Attempted> {
  const event = JSON.parse(row.body as string) as Stripe.Event;
  const about = { event, object: objectOf(event) };
  const deadline = performance.now() + options.handlerSecondsMax * 1000;
  const outcomes: Outcome[] = [];
  for (let index = row.handled; index < handlers.length; index += 1) {
    const outcome = await runOne(connection, row, handlers[index] as Handler, about, {
      ...options,
      deadline,
    });
    if (outcome.kind === 'retry') return { outcome, handled: index };
    outcomes.push(outcome);
  }
  return { outcome: combine(outcomes), handled: handlers.length };
}

function objectOf(event: Stripe.Event): Record<string, unknown> {
  const thin = event as unknown as { related_object?: Record<string, unknown> | null };
  const snapshot = event.data?.object as unknown as Record<string, unknown> | undefined;
  return snapshot ?? thin.related_object ?? {};
}

async function runOne(
  connection: Queryable,
  row: WorkRow,
  handler: Handler,
  about: { event: Stripe.Event; object: Record<string, unknown> },
  options: AttemptOptions & { deadline: number },
): Promise<Outcome> {
  let context: Context | undefined;
  const run = (lease: Lease): unknown => {
    context = new Context(about, row, leasedSql(sqlOn(connection), lease), options, lease);
    return handler(context);
  };
  const limits = {
    what: `A handler of ${row.type}`,
    ms: options.deadline - performance.now(),
    secondsMax: options.handlerSecondsMax,
  };
  try {
    return asOutcome(await underLease(run, limits));
  } finally {
    // Whoever catches what `stripe` threw has still not got its client.
    context?.refuseAgain();
  }
}

/** What the handler is given. `stripe` and `nested` are found only when they are asked for by name. */
class Context implements HandlerContext {
  readonly event: Stripe.Event;
  readonly object: Record<string, unknown>;
  readonly account: string | null;
  readonly livemode: boolean;
  readonly sql: Sql;
  readonly enqueue: Enqueue;
  readonly #row: WorkRow;
  readonly #options: AttemptOptions;
  readonly #lease: Lease;
  #refused = false;

  constructor(
    about: { event: Stripe.Event; object: Record<string, unknown> },
    row: WorkRow,
    sql: Sql,
    options: AttemptOptions,
    lease: Lease,
  ) {
    this.event = about.event;
    this.object = about.object;
    this.account = row.account === '' ? null : row.account;
    this.livemode = row.livemode;
    this.sql = sql;
    this.enqueue = options.enqueueOn(sql, row);
    this.#row = row;
    this.#options = options;
    this.#lease = lease;
  }

  get nested(): Nested {
    const { nested } = this.#options;
    return nested ? leased(nested, this.#lease) : this.#refuse();
  }

  get stripe(): Stripe {
    return this.#options.stripeFor?.(this.#row) ?? this.#refuse();
  }

  refuseAgain(): void {
    if (this.#refused) this.#refuse();
  }

  #refuse(): never {
    this.#refused = true;
    throw new NeedsSlowLane('this handler needs the lane for slow work');
  }
}
