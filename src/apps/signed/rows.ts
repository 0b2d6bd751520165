import type { Sql } from '../../db/sql.ts';

/** Queued on a timetable: signed requests that nobody could repeat any more are forgotten. */
export const PRUNE_REQUESTS_JOB = 'quittance.app_prune_requests';

/** Writes down that a request came. False when it had come before. */
export async function spendRequest(sql: Sql, digest: Buffer, expiresAt: Date): Promise<boolean> {
  const rows = await sql`
    insert into quittance.app_request (digest, expires_at) values (${digest}, ${expiresAt})
    on conflict do nothing
    returning 1`;
  return rows.length > 0;
}

/** Forgets requests whose signature is too old to be accepted. Returns how many. */
export async function pruneRequests(sql: Sql, now: Date): Promise<number> {
  const rows = await sql`delete from quittance.app_request where expires_at < ${now} returning 1`;
  return rows.length;
}
