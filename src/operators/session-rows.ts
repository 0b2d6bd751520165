import type { Sql } from '../db/sql.ts';
import type { Role } from '../http/caller.ts';

/** A session as it is stored. */
export interface SessionRow {
  id: string;
  operator: string;
  name: string;
  role: Role;
  created_at: Date;
  last_seen_at: Date;
  ends_at: Date;
  address: string | null;
  user_agent: string | null;
}

export interface NewSession {
  id: string;
  tokenHash: Buffer;
  operator: string;
  now: Date;
  endsAt: Date;
  address: string | null;
  userAgent: string | null;
}

/** Begins a session; those that are over go. */
export async function insertSession(sql: Sql, session: NewSession): Promise<void> {
  const { id, tokenHash, operator, now, endsAt, address, userAgent } = session;
  await sql`delete from quittance.operator_session where ends_at <= ${now}`;
  await sql`
    insert into quittance.operator_session
      (id, token_hash, operator, created_at, last_seen_at, ends_at, address, user_agent)
    values (${id}, ${tokenHash}, ${operator}, ${now}, ${now}, ${endsAt}, ${address}, ${userAgent})`;
}

interface Living {
  now: Date;
  /** Seen before this, it has ended by itself. */
  idleSince: Date;
}

/** The session of a token, while it lives and its operator may sign in. */
export async function sessionByToken(
  sql: Sql,
  tokenHash: Buffer,
  { now, idleSince }: Living,
): Promise<SessionRow | null> {
  const rows = await sql<SessionRow>`
    select s.id, s.operator, o.name, o.role, s.created_at, s.last_seen_at, s.ends_at, s.address, s.user_agent
    from quittance.operator_session s join quittance.operator o on o.id = s.operator
    where s.token_hash = ${tokenHash} and s.ends_at > ${now} and s.last_seen_at > ${idleSince}
      and o.disabled_at is null`;
  return rows[0] ?? null;
}

/** The living sessions of an operator, the newest first. */
export async function sessionsOf(
  sql: Sql,
  operator: string,
  { now, idleSince }: Living,
): Promise<SessionRow[]> {
  return sql<SessionRow>`
    select s.id, s.operator, o.name, o.role, s.created_at, s.last_seen_at, s.ends_at, s.address, s.user_agent
    from quittance.operator_session s join quittance.operator o on o.id = s.operator
    where s.operator = ${operator} and s.ends_at > ${now} and s.last_seen_at > ${idleSince}
    order by s.created_at desc, s.id`;
}

export async function touchSession(sql: Sql, id: string, now: Date, address: string | null): Promise<void> {
  await sql`
    update quittance.operator_session
    set last_seen_at = greatest(last_seen_at, ${now}), address = coalesce(${address}, address)
    where id = ${id}`;
}

/** Ends one session of an operator. False when they have no such. */
export async function deleteSession(sql: Sql, id: string, operator: string): Promise<boolean> {
  const rows = await sql`
    delete from quittance.operator_session where id = ${id} and operator = ${operator} returning id`;
  return rows.length > 0;
}

/** Ends all sessions of an operator but this one. Returns how many. */
export async function deleteSessions(sql: Sql, operator: string, but: string | null): Promise<number> {
  const rows = await sql`
    delete from quittance.operator_session
    where operator = ${operator} and (${but}::text is null or id <> ${but}) returning id`;
  return rows.length;
}
