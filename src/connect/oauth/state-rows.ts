import type { Sql } from '../../db/sql.ts';

// Who looks into a complaint of yesterday still finds that somebody began.
const KEPT_HOURS = 24;

export interface NewState {
  stateHash: Buffer;
  sessionHash: Buffer;
  seller: string;
  now: Date;
  expiresAt: Date;
}

/** Notes that a browser was sent to Stripe for a seller; old notes go. */
export async function insertState(sql: Sql, state: NewState): Promise<void> {
  await sql`
    delete from quittance.oauth_state
    where expires_at < ${state.now}::timestamptz - ${KEPT_HOURS} * interval '1 hour'`;
  await sql`
    insert into quittance.oauth_state (state_hash, session_hash, seller, created_at, expires_at)
    values (${state.stateHash}, ${state.sessionHash}, ${state.seller}, ${state.now}, ${state.expiresAt})`;
}

/**
 * Uses up a state and says for which seller it was. Null when there is none, or it is another browser's, too
 * old, or used: of two requests that come at once, one gets it.
 */
export async function takeState(
  sql: Sql,
  { stateHash, sessionHash, now }: Pick<NewState, 'stateHash' | 'sessionHash' | 'now'>,
): Promise<string | null> {
  const rows = await sql<{ seller: string }>`
    update quittance.oauth_state set used_at = ${now}
    where state_hash = ${stateHash} and session_hash = ${sessionHash} and used_at is null
      and expires_at > ${now}
    returning seller`;
  return rows[0]?.seller ?? null;
}
