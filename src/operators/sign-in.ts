import { randomUUID } from 'node:crypto';
import { addAudit } from '../audit/rows.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import type { AuditEntry } from '../http/api.ts';
import type { Caller } from '../http/caller.ts';
import type { Problem } from '../http/problem.ts';
import { badField } from '../http/request.ts';
import { hashOf } from '../http/sent-away.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Limiter, Try } from './limiter.ts';
import { linkOwner, takeLink, type LinkPurpose } from './link-rows.ts';
import type { Operator } from './operator.ts';
import { normalName } from './operator.ts';
import { weakness, type Passwords } from './passwords.ts';
import * as problems from './problems.ts';
import * as rows from './rows.ts';
import type { Sessions } from './sessions.ts';

export interface SignInOptions {
  database: Database;
  clock: Clock;
  sessions: Sessions;
  passwords: Passwords;
  limiter: Limiter;
  browsers: KnownBrowsers;
}

/** Who asks to be let in. */
export interface Asking {
  request: Request;
  caller: Caller;
}

/** They are in, and this is their cookie; or not, and why. */
export type SignedIn = { operator: Operator; cookie: string } | { problem: Problem };

/** The ways in: a password, a link, and whoever else says who somebody is. */
export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  async byPassword(asking: Asking, given: { name: string; password: string }): Promise<SignedIn> {
    const name = normalName(given.name);
    const known = await rows.storedPassword(this.#options.database.sql, name);
    const checked = await this.check(asking, { name, password: given.password, known });
    if (checked) return { problem: checked };
    return this.enter(asking, known?.id ?? '', 'signIn');
  }

  /** Null when the password is right. All that is wrong is counted, and written down. */
  async check(
    { request, caller }: Asking,
    {
      name,
      password,
      known,
    }: { name: string; password: string; known: { id: string; password: string } | null },
  ): Promise<Problem | null> {
    const { limiter, passwords, browsers } = this.#options;
    const who: Try = { name, address: caller.address, browser: browsers.of(request, name) };
    // Before anything else, and alike for every name: who is locked out costs us no hash.
    const admission = await limiter.admit(who);
    if (!admission.allowed) return problems.tooManyAttempts(admission.seconds);
    const isRight = await passwords.verify(password, known?.password ?? null);
    if (isRight === null) {
      await limiter.takeBack(who);
      return problems.BUSY;
    }
    if (isRight) {
      await limiter.succeed(who);
      return null;
    }
    const outcome = admission.locks ? 'locked_out' : 'wrong_credentials';
    const target = known?.id ?? `unknown:${limiter.pseudonym(name)}`;
    await this.#note(this.#options.database.sql, caller, { action: 'signIn', target, outcome });
    return problems.WRONG_CREDENTIALS;
  }

  async byLink(asking: Asking, token: string): Promise<SignedIn> {
    const link = this.#linkOf(token, 'sign_in');
    const operator = await takeLink(this.#options.database.sql, link);
    return operator === null
      ? { problem: problems.LINK_REFUSED }
      : this.enter(asking, operator, 'signInByLink');
  }

  /** Whose password a link sets; null when it is good for nothing. */
  ownerOf(token: string): Promise<string | null> {
    const { database } = this.#options;
    return linkOwner(database.sql, this.#linkOf(token, 'set_password'));
  }

  /** Sets the password the link was made for; sessions of before end. */
  async bySetPassword(
    asking: Asking,
    { token, password }: { token: string; password: string },
  ): Promise<SignedIn> {
    const { database, passwords } = this.#options;
    const name = await this.ownerOf(token);
    if (name === null) return { problem: problems.LINK_REFUSED };
    const why = weakness(password, name);
    if (why !== null) return { problem: badField('password', why) };
    const hash = await passwords.hash(password);
    if (hash === null) return { problem: problems.BUSY };
    // Together: whose process ends in between would have neither the link nor the password.
    const operator = await database.transaction(async (sql) => {
      const owner = await takeLink(sql, this.#linkOf(token, 'set_password'));
      if (owner !== null) await rows.setPassword(sql, owner, hash);
      return owner;
    });
    if (operator === null) return { problem: problems.LINK_REFUSED };
    return this.enter(asking, operator, 'setPassword', { endsOthers: true });
  }

  /** Begins a session of somebody whose identity is proven. */
  async enter(
    { request, caller }: Asking,
    id: string,
    action: string,
    { endsOthers = false, detail = {} }: { endsOthers?: boolean; detail?: Record<string, unknown> } = {},
  ): Promise<SignedIn> {
    const { database, sessions } = this.#options;
    const { address } = caller;
    return database.transaction(async (sql) => {
      const operator = await rows.operatorById(sql, id);
      if (!operator || operator.disabled_at !== null) return { problem: problems.WRONG_CREDENTIALS };
      const { name, role } = operator;
      const who: Caller = { kind: 'operator', id, name, role, address };
      await this.#note(sql, who, { action, target: '', outcome: 'done', detail });
      if (endsOthers) await sessions.endAll(sql, id, null);
      const userAgent = request.headers.get('user-agent');
      return { operator, cookie: await sessions.begin(sql, id, request, { address, userAgent }) };
    });
  }

  #linkOf(token: string, purpose: LinkPurpose): Parameters<typeof takeLink>[1] {
    return { tokenHash: hashOf(token), purpose, now: new Date(this.#options.clock.now()) };
  }

  #note(
    sql: Sql,
    caller: Caller,
    { detail = {}, ...line }: Pick<AuditEntry, 'action' | 'target' | 'outcome'> & Partial<AuditEntry>,
  ): Promise<void> {
    return addAudit(sql, { request: randomUUID(), caller, detail, ...line });
  }
}
