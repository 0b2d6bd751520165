import type Stripe from 'stripe';
import type { Database } from '../db/database.ts';
import { sqlOn, type Sql } from '../db/sql.ts';
import { enqueueOn } from './enqueue.ts';

/** What a job is given. */
export interface JobContext {
  /**
   * Stays the same when the job is run again after a failure or a crash: pass it on as the idempotency key of
   * whatever the job calls, and a second run finds the first one's result.
   */
  idempotencyKey: string;
  /** 1 for the first run. */
  attempt: number;
  /** The time of the timetable that it stands for; null for a job that was enqueued. */
  tick: Date | null;
  /** Runs statements, each in its own transaction. */
  sql: Sql;
  /** Queues another job. */
  enqueue: (name: string, payload?: unknown, options?: { key?: string; runAt?: Date }) => Promise<void>;
  /** Stripe's client for our own account. */
  stripe: Stripe;
}

/** A job. A throw is tried again with exponential back-off, 25 times at most. */
export type JobFunction = (payload: unknown, context: JobContext) => unknown;

/** What a run of a job is given. */
export function contextOf(
  run: Pick<JobContext, 'idempotencyKey' | 'attempt' | 'tick'>,
  { database, stripe }: { database: Database; stripe: () => Stripe },
): JobContext {
  const sql = sqlOn(database.pool);
  return {
    ...run,
    sql,
    enqueue: enqueueOn(sql),
    get stripe(): Stripe {
      return stripe();
    },
  };
}
