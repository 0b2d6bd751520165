import type { Sql } from '../../db/sql.ts';

export interface NewOidcState {
  stateHash: Buffer;
  browserHash: Buffer;
  returnTo: string;
  now: Date;
  expiresAt: Date;
}

/** Notes that a browser was sent to the provider; old notes go. */
export async function insertOidcState(sql: Sql, state: NewOidcState): Promise<void> {
  const { stateHash, browserHash, returnTo, now, expiresAt } = state;
  await sql`delete from quittance.oidc_state where expires_at <= ${now}`;
  await sql`
    insert into quittance.oidc_state (state_hash, browser_hash, return_to, expires_at)
    values (${stateHash}, ${browserHash}, ${returnTo}, ${expiresAt})`;
}

/** Uses up a state and says where its browser wanted to go. Null when it is another's, or too old. */
export async function takeOidcState(
  sql: Sql,
  { stateHash, browserHash, now }: Pick<NewOidcState, 'stateHash' | 'browserHash' | 'now'>,
): Promise<string | null> {
  const rows = await sql<{ return_to: string }>`
    delete from quittance.oidc_state
    where state_hash = ${stateHash} and browser_hash = ${browserHash} and expires_at > ${now}
    returning return_to`;
  return rows[0]?.return_to ?? null;
}
