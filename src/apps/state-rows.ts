import { createHash } from 'node:crypto';
import type { Sql } from '../db/sql.ts';

// Who looks into a complaint of yesterday still finds that somebody began.
const KEPT_HOURS = 24;

/** Why a browser was sent away. */
type StatePurpose = 'install' | 'connection';

/** What a browser that was sent away has to bring back. */
export interface BrowserState {
  /** The `state` of the address; only its hash is stored. */
  state: string;
  /** The value of the cookie that this browser was given; only its hash is stored. */
  session: string;
  purpose: StatePurpose;
  now: Date;
}

/** Notes that a browser was sent away, and why; old notes go. */
export async function insertAppState(
  sql: Sql,
  { state, session, purpose, now }: BrowserState,
  subject: Record<string, string>,
  expiresAt: Date,
): Promise<void> {
  await sql`
    delete from quittance.app_state
    where expires_at < ${now}::timestamptz - ${KEPT_HOURS} * interval '1 hour'`;
  await sql`
    insert into quittance.app_state (state_hash, session_hash, purpose, subject, created_at, expires_at)
    values (${hashOf(state)}, ${hashOf(session)}, ${purpose}, ${JSON.stringify(subject)}::jsonb, ${now},
      ${expiresAt})`;
}

/**
 * Uses up a state and says what it was about. Null when there is none, or it is another browser's, for
 * something else, too old, or used: of two requests that come at once, one gets it.
 */
export async function takeAppState(
  sql: Sql,
  { state, session, purpose, now }: BrowserState,
): Promise<Record<string, string> | null> {
  const rows = await sql<{ subject: Record<string, string> }>`
    update quittance.app_state set used_at = ${now}
    where state_hash = ${hashOf(state)} and session_hash = ${hashOf(session)} and purpose = ${purpose}
      and used_at is null and expires_at > ${now}
    returning subject`;
  return rows[0]?.subject ?? null;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
