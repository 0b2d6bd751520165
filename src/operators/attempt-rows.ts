import type { Sql } from '../db/sql.ts';

const KEPT_HOURS = 24;

export interface Attempt {
  key: Buffer;
  now: Date;
  /** Failures before this are forgotten. */
  forgotten: Date;
  /** From this many on, each locks. */
  failuresMax: number;
  lockSeconds: number;
  lockSecondsMax: number;
}

/**
 * Counts an attempt as failed before it is made, so that many at once are not more than one after the other.
 * Null when it may be made (and then whether it locks what follows), else until when it may not.
 */
export async function countAttempt(
  sql: Sql,
  { key, now, forgotten, failuresMax, lockSeconds, lockSecondsMax }: Attempt,
): Promise<{ allowed: true; locks: boolean } | { allowed: false; until: Date }> {
  const counted = await sql<{ locked_until: Date | null }>`
    insert into quittance.sign_in_attempt as a (key, failures, last_at) values (${key}, 1, ${now})
    on conflict (key) do update set
      failures = case when greatest(a.last_at, a.locked_until) < ${forgotten} then 1 else a.failures + 1 end,
      last_at = ${now},
      locked_until = case
        when greatest(a.last_at, a.locked_until) < ${forgotten} then null
        when a.failures + 1 < ${failuresMax}::int then null
        else ${now}::timestamptz + interval '1 second' * least(${lockSecondsMax}::float8,
          ${lockSeconds}::float8 * 2.0 ^ least(a.failures + 1 - ${failuresMax}::int, 30))
      end
    where a.locked_until is null or a.locked_until <= ${now}
    returning locked_until`;
  if (counted[0]) return { allowed: true, locks: counted[0].locked_until !== null };
  const [locked] = await sql<{ locked_until: Date | null }>`
    select locked_until from quittance.sign_in_attempt where key = ${key}`;
  return { allowed: false, until: locked?.locked_until ?? now };
}

/** The attempt was none of guessing: it is taken back, with the lock that it began. */
export async function forgiveAttempt(sql: Sql, key: Buffer): Promise<void> {
  await sql`
    update quittance.sign_in_attempt set failures = failures - 1, locked_until = null
    where key = ${key} and failures > 0`;
}

export async function forgetAttempts(sql: Sql, key: Buffer): Promise<void> {
  await sql`delete from quittance.sign_in_attempt where key = ${key}`;
}

/** What nobody counts with any more goes. */
export async function dropOldAttempts(sql: Sql, now: Date): Promise<void> {
  await sql`
    delete from quittance.sign_in_attempt
    where last_at < ${now}::timestamptz - ${KEPT_HOURS} * interval '1 hour'`;
}
