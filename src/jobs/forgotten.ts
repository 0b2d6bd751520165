import type { Sql } from '../db/sql.ts';

/**
 * Looks for jobs that this process has locked without knowing it: a connection that breaks between the lock
 * and its answer leaves one behind, and graphile-worker would come back to it after four hours.
 */
export class ForgottenJobs {
  // A job may be on its way, to us or back: forgotten is one that nobody runs at two looks.
  #seen = new Map<string, string>();

  /** Gives back what is locked by `pools`, the ids under which this process locks, and not in `running`. */
  async giveBack(sql: Sql, pools: readonly string[], running: ReadonlySet<string>): Promise<void> {
    const locked = await sql<{ id: string; since: string }>`
      select id::text as id, locked_at::text as since from graphile_worker.jobs
      where locked_by = any (${[...pools]}::text[])`;
    const idle = locked.filter(({ id }) => !running.has(id));
    const forgotten = idle.filter(({ id, since }) => this.#seen.get(id) === since);
    this.#seen = new Map(idle.map(({ id, since }) => [id, since]));
    if (forgotten.length === 0) return;
    // Its queue is locked with it, and would let nobody through for as long.
    await sql`
      with given_back as (
        update graphile_worker._private_jobs as job set locked_at = null, locked_by = null
        from unnest(${forgotten.map(({ id }) => id)}::bigint[],
                    ${forgotten.map(({ since }) => since)}::timestamptz[]) as known (id, since)
        where job.id = known.id and job.locked_at = known.since
        returning job.job_queue_id)
      update graphile_worker._private_job_queues as queue set locked_at = null, locked_by = null
      from given_back where queue.id = given_back.job_queue_id and queue.locked_by = any (${[...pools]}::text[])`;
  }
}
