import type Stripe from 'stripe';
import type { Nested } from '../db/database.ts';
import { sqlOn, type Queryable, type Sql } from '../db/sql.ts';
import { QuittanceError } from '../errors.ts';
import type { WorkRow } from './claim.ts';
import type { Enqueue, Handler } from './handlers.ts';
import { asOutcome, combine, type Outcome } from './outcome.ts';

// Longer than any call to Stripe with its own timeouts, shorter than the server's limit for a transaction
// that waits for us (45 s), which would end it anyway.
export const HANDLER_SECONDS_MAX = 30;

/** A handler of the wide lane asked for Stripe: the event belongs to the lane for slow work. */
export class NeedsSlowLane extends Error {}

/** A handler neither returned nor threw in time. Its connection may be busy and is not used again. */
export class HandlerTimeout extends QuittanceError {
  constructor(seconds: number) {
    super({
      code: 'handler_timeout',
      message: `A handler had not returned after ${seconds} s. Move slow work into a job.`,
    });
  }
}

export interface AttemptOptions {
  enqueueOn: (sql: Sql, row: WorkRow) => Enqueue;
  /** The client for this row's account and mode; null in the wide lane. */
  stripeFor: ((row: WorkRow) => Stripe) | null;
  /** Savepoints on this connection; null in the wide lane, where objects are handled side by side. */
  nested: Nested | null;
  handlerSecondsMax: number;
}

/**
 * Runs all handlers of one event on one connection, one after another, and says what they made of it.
 * Throws what a handler throws, `NeedsSlowLane`, or `HandlerTimeout`.
 */
export async function attempt(
  connection: Queryable,
  row: WorkRow,
  handlers: readonly Handler[],
  options: AttemptOptions,
): Promise<Outcome> {
  const event = JSON.parse(row.body as string) as Stripe.Event;
  const object = objectOf(event);
  const outcomes: Outcome[] = [];
  for (const handler of handlers) {
    outcomes.push(await runOne(connection, row, handler, { event, object }, options));
  }
  return combine(outcomes);
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
  options: AttemptOptions,
): Promise<Outcome> {
  const lease = { over: false };
  let needsSlowLane = false;
  const refuse = (): never => {
    needsSlowLane = true;
    throw new NeedsSlowLane('this handler needs the lane for slow work');
  };
  const sql = leasedSql(connection, lease);
  const context = {
    ...about,
    account: row.account === '' ? null : row.account,
    livemode: row.livemode,
    sql,
    enqueue: options.enqueueOn(sql, row),
    get nested(): Nested {
      return options.nested ?? refuse();
    },
    get stripe(): Stripe {
      return options.stripeFor?.(row) ?? refuse();
    },
  };
  try {
    const returned = await inTime(async () => handler(context), options.handlerSecondsMax);
    // Whoever catches what `stripe` threw has still not got its client.
    if (needsSlowLane) refuse();
    return asOutcome(returned);
  } finally {
    lease.over = true;
  }
}

/**
 * The handler's `sql` dies with it: a statement from a promise that nobody awaited would otherwise land in
 * the transaction of another event.
 */
function leasedSql(connection: Queryable, lease: { over: boolean }): Sql {
  const sql = sqlOn(connection);
  return <Row>(strings: TemplateStringsArray, ...values: unknown[]) => {
    if (lease.over) return Promise.reject(handlerIsOver());
    if (TRANSACTION_CONTROL.test(strings[0] ?? '')) return Promise.reject(transactionControl());
    return sql<Row>(strings, ...values);
  };
}

const TRANSACTION_CONTROL = /^\s*(begin|start\s+transaction|commit|end|rollback|abort|savepoint|release)\b/i;

function handlerIsOver(): QuittanceError {
  return new QuittanceError({
    code: 'handler_over',
    message: 'sql was used after its handler had returned: await every statement inside the handler.',
  });
}

function transactionControl(): QuittanceError {
  return new QuittanceError({
    code: 'transaction_control',
    message: 'A handler runs inside a transaction that is not its own: leave begin, commit and rollback out.',
  });
}

async function inTime<T>(work: () => Promise<T>, secondsMax: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeout(secondsMax)), secondsMax * 1000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
