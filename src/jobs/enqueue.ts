import type { Sql } from '../db/sql.ts';

/** How a payload travels: with a key of its own, made when it is queued, that outlives every crash. */
export interface Envelope {
  payload: unknown;
  key: string;
}

export interface EnqueueOptions {
  /** A job that waits under this key is replaced instead of queued twice. */
  key?: string;
  /** Not before this time. */
  runAt?: Date;
  /** Jobs of one queue run one at a time, over all processes. */
  queue?: string;
  /** Runs behind others that are due: those of lower numbers. Default 0. */
  priority?: number;
}

/**
 * Queues jobs through this `sql`: inside a transaction the job exists only if that commits.
 * The payload must be JSON; `undefined` becomes null.
 */
export function enqueueOn(
  sql: Sql,
): (name: string, payload?: unknown, options?: EnqueueOptions) => Promise<void> {
  return async (name, payload = null, { key, runAt, queue, priority } = {}) => {
    await sql`
      select graphile_worker.add_job(
        ${name},
        payload => json_build_object('payload', ${JSON.stringify(payload)}::json, 'key', gen_random_uuid()),
        queue_name => ${queue ?? null}::text,
        priority => ${priority ?? null}::integer,
        run_at => coalesce(${runAt ?? null}::timestamptz, now()),
        job_key => ${key ?? null}::text)`;
  };
}
