import type { Sql } from '../db/sql.ts';
import type { Role } from '../http/caller.ts';
import type { Operator } from './operator.ts';

type Raw = Omit<Operator, 'created_at' | 'disabled_at'> & { created_at: Date; disabled_at: Date | null };

export interface NewOperator {
  id: string;
  name: string;
  role: Role;
  now: Date;
}

/** Adds an operator without a password. Null when the name is taken. */
export async function insertOperator(
  sql: Sql,
  { id, name, role, now }: NewOperator,
): Promise<Operator | null> {
  const rows = await sql<Raw>`
    insert into quittance.operator (id, name, role, created_at) values (${id}, ${name}, ${role}, ${now})
    on conflict (name) do nothing
    returning id, name, role, created_at, disabled_at, false as has_password, false as has_oidc`;
  return rows[0] ? operatorOf(rows[0]) : null;
}

/** Everybody who can sign in, or could, by name. */
export async function listOperators(sql: Sql): Promise<Operator[]> {
  const rows = await sql<Raw>`
    select id, name, role, created_at, disabled_at, password is not null as has_password,
      oidc_subject is not null as has_oidc
    from quittance.operator order by name`;
  return rows.map(operatorOf);
}

export async function operatorById(sql: Sql, id: string): Promise<Operator | null> {
  const rows = await sql<Raw>`
    select id, name, role, created_at, disabled_at, password is not null as has_password,
      oidc_subject is not null as has_oidc
    from quittance.operator where id = ${id}`;
  return rows[0] ? operatorOf(rows[0]) : null;
}

export async function operatorByName(sql: Sql, name: string): Promise<Operator | null> {
  const rows = await sql<Raw>`
    select id, name, role, created_at, disabled_at, password is not null as has_password,
      oidc_subject is not null as has_oidc
    from quittance.operator where name = ${name}`;
  return rows[0] ? operatorOf(rows[0]) : null;
}

/** Who the OpenID provider knows by this. */
export async function operatorBySubject(
  sql: Sql,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<Operator | null> {
  const rows = await sql<Raw>`
    select id, name, role, created_at, disabled_at, password is not null as has_password, true as has_oidc
    from quittance.operator where oidc_issuer = ${issuer} and oidc_subject = ${subject}`;
  return rows[0] ? operatorOf(rows[0]) : null;
}

/** Notes who an operator is at the provider. False when they are somebody else there. */
export async function linkSubject(
  sql: Sql,
  id: string,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<boolean> {
  const rows = await sql`
    update quittance.operator set oidc_issuer = ${issuer}, oidc_subject = ${subject}
    where id = ${id} and oidc_subject is null returning id`;
  return rows.length > 0;
}

/** What a password is held against; null when there is none, or its owner may not sign in. */
export async function storedPassword(
  sql: Sql,
  name: string,
): Promise<{ id: string; password: string } | null> {
  const rows = await sql<{ id: string; password: string }>`
    select id, password from quittance.operator
    where name = ${name} and disabled_at is null and password is not null`;
  return rows[0] ?? null;
}

export async function setPassword(sql: Sql, id: string, password: string): Promise<void> {
  await sql`update quittance.operator set password = ${password} where id = ${id}`;
}

/** True when somebody may sign in with a password. */
export async function anyPassword(sql: Sql): Promise<boolean> {
  const rows = await sql`
    select from quittance.operator where disabled_at is null and password is not null limit 1`;
  return rows.length > 0;
}

/** True when there is anybody at all. */
export async function anyOperator(sql: Sql): Promise<boolean> {
  return (await sql`select from quittance.operator where disabled_at is null limit 1`).length > 0;
}

/** Holds all admins until the end of the transaction, and says who may sign in among them. */
export async function lockAdmins(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    select id from quittance.operator where role = 'admin' and disabled_at is null order by id for update`;
  return rows.map(({ id }) => id);
}

export async function setRole(sql: Sql, id: string, role: Role): Promise<void> {
  await sql`update quittance.operator set role = ${role} where id = ${id}`;
}

/** Null lets them sign in again. */
export async function setDisabled(sql: Sql, id: string, at: Date | null): Promise<void> {
  await sql`update quittance.operator set disabled_at = ${at} where id = ${id}`;
}

function operatorOf(row: Raw): Operator {
  const disabled_at = row.disabled_at?.toISOString() ?? null;
  return { ...row, created_at: row.created_at.toISOString(), disabled_at };
}
