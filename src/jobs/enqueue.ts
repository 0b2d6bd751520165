import type { Sql } from '../db/sql.ts';
import { currentTraceparent } from '../http/spans.ts';

/** How a payload travels: with a key of its own, made when it is queued, that outlives every crash. */
export interface Envelope {
  payload: unknown;
  key: string;
  /** The trace it was queued in (W3C Trace Context), while somebody traces. */
  traceparent?: string;
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
    const text = JSON.stringify(payload);
    const traceparent = currentTraceparent();
    await sql`
      select graphile_worker.add_job(
        ${name},
        payload => case when ${traceparent}::text is null
          then json_build_object('payload', ${text}::json, 'key', gen_random_uuid())
          else json_build_object('payload', ${text}::json, 'key', gen_random_uuid(),
                                 'traceparent', ${traceparent}::text) end,
        queue_name => ${queue ?? null}::text,
        priority => ${priority ?? null}::integer,
        run_at => coalesce(${runAt ?? null}::timestamptz, now()),
        job_key => ${key ?? null}::text)`;
  };
}
