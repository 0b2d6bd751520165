import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import type { Role } from '../http/caller.ts';
import type { Problem } from '../http/problem.ts';
import { newId } from '../ids.ts';
import { deleteLinks, type LinkPurpose } from './link-rows.ts';
import { makeLink, type OneTimeLink } from './links.ts';
import type { Operator } from './operator.ts';
import { LAST_ADMIN, OPERATOR_DISABLED, OPERATOR_EXISTS, OPERATOR_NOT_FOUND } from './problems.ts';
import * as rows from './rows.ts';
import { deleteSessions } from './session-rows.ts';

export interface OperatorsOptions {
  database: Database;
  clock: Clock;
  publicUrl: string;
}

type Or<T> = T | { problem: Problem };

/** What can be done about operators, by an admin or on the command line. */
export class Operators {
  readonly #options: OperatorsOptions;

  constructor(options: OperatorsOptions) {
    this.#options = options;
  }

  list(): Promise<Operator[]> {
    return rows.listOperators(this.#options.database.sql);
  }

  byName(name: string): Promise<Operator | null> {
    return rows.operatorByName(this.#options.database.sql, name);
  }

  /** Adds somebody, and makes the link by which they come in. */
  async add(
    { name, role }: { name: string; role: Role },
    purpose: LinkPurpose = 'set_password',
  ): Promise<Or<{ operator: Operator; link: OneTimeLink }>> {
    const { database } = this.#options;
    return database.transaction(async (sql) => {
      const operator = await rows.insertOperator(sql, { id: newId('opr'), name, role, now: this.#now });
      if (!operator) return { problem: OPERATOR_EXISTS };
      return { operator, link: await this.#link(sql, operator.id, purpose) };
    });
  }

  async link(id: string, purpose: LinkPurpose): Promise<Or<{ link: OneTimeLink }>> {
    const { sql } = this.#options.database;
    const operator = await rows.operatorById(sql, id);
    if (!operator) return { problem: OPERATOR_NOT_FOUND };
    if (operator.disabled_at !== null) return { problem: OPERATOR_DISABLED };
    return { link: await this.#link(sql, id, purpose) };
  }

  /** Nobody can take away the last admin, the last admin included. */
  async change(
    id: string,
    { role, disabled }: { role?: Role | undefined; disabled?: boolean | undefined },
  ): Promise<Or<{ operator: Operator }>> {
    return this.#options.database.transaction(async (sql) => {
      const admins = await rows.lockAdmins(sql);
      const before = await rows.operatorById(sql, id);
      if (!before) return { problem: OPERATOR_NOT_FOUND };
      const staysAdmin = (role ?? before.role) === 'admin' && !(disabled ?? before.disabled_at !== null);
      if (!staysAdmin && admins.length === 1 && admins[0] === id) return { problem: LAST_ADMIN };
      if (role !== undefined) await rows.setRole(sql, id, role);
      if (disabled !== undefined) await this.#setDisabled(sql, id, disabled);
      return { operator: (await rows.operatorById(sql, id)) ?? before };
    });
  }

  async endSessions(id: string): Promise<Or<{ ended: number }>> {
    const { sql } = this.#options.database;
    if (!(await rows.operatorById(sql, id))) return { problem: OPERATOR_NOT_FOUND };
    return { ended: await deleteSessions(sql, id, null) };
  }

  async #setDisabled(sql: Sql, id: string, disabled: boolean): Promise<void> {
    await rows.setDisabled(sql, id, disabled ? this.#now : null);
    if (!disabled) return;
    await deleteSessions(sql, id, null);
    await deleteLinks(sql, id);
  }

  #link(sql: Sql, operator: string, purpose: LinkPurpose): Promise<OneTimeLink> {
    return makeLink(sql, { operator, purpose }, this.#options);
  }

  get #now(): Date {
    return new Date(this.#options.clock.now());
  }
}
