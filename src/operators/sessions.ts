import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { cookieOf, hostCookie } from '../http/cookies.ts';
import { hashOf, newSecret } from '../http/sent-away.ts';
import { newId } from '../ids.ts';
import * as rows from './session-rows.ts';
import type { SessionRow } from './session-rows.ts';

const COOKIE = '__Host-quittance_session';
const TOKEN = /^[\w-]{43}$/;
const USER_AGENT_CHARACTERS_MAX = 200;
// Each request would write otherwise.
const TOUCH_MS = 30_000;

export interface SessionTimes {
  /** A session nobody uses ends after this. */
  idleMinutes: number;
  /** And every session after this. */
  sessionHours: number;
}

/** Where a session is begun from. */
export interface Place {
  address: string | null;
  userAgent: string | null;
}

/** Sessions of the console: a cookie that no script can read, and what is known of its token. */
export class Sessions {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #times: SessionTimes;

  constructor({ database, clock, times }: { database: Database; clock: Clock; times: SessionTimes }) {
    this.#database = database;
    this.#clock = clock;
    this.#times = times;
  }

  /** Begins one, and ends the one this browser had. Returns the cookie. */
  async begin(sql: Sql, operator: string, request: Request, { address, userAgent }: Place): Promise<string> {
    // On the same connection: who waits for a second one while it holds the audit log stops everybody.
    const before = await this.of(request, sql);
    if (before) await rows.deleteSession(sql, before.id, before.operator);
    const token = newSecret();
    const now = this.#clock.now();
    const seconds = this.#times.sessionHours * 3600;
    await rows.insertSession(sql, {
      id: newId('ses'),
      tokenHash: hashOf(token),
      operator,
      now: new Date(now),
      endsAt: new Date(now + seconds * 1000),
      address,
      userAgent: userAgent?.slice(0, USER_AGENT_CHARACTERS_MAX) ?? null,
    });
    return hostCookie(COOKIE, token, seconds, 'Strict');
  }

  /** True when the request carries a cookie of ours, good or not. */
  isClaimed(request: Request): boolean {
    return tokenOf(request) !== null;
  }

  /** The living session of a request, or null. */
  async of(request: Request, sql: Sql = this.#database.sql): Promise<SessionRow | null> {
    const token = tokenOf(request);
    return token === null ? null : rows.sessionByToken(sql, hashOf(token), this.#living());
  }

  /** It is in use: its idle time begins anew. */
  async touch({ id, last_seen_at }: SessionRow, address: string | null): Promise<void> {
    const now = this.#clock.now();
    if (now - last_seen_at.getTime() < TOUCH_MS) return;
    await rows.touchSession(this.#database.sql, id, new Date(now), address);
  }

  listOf(operator: string): Promise<SessionRow[]> {
    return rows.sessionsOf(this.#database.sql, operator, this.#living());
  }

  /** Ends one of an operator's. False when they have no such. */
  end(id: string, operator: string): Promise<boolean> {
    return rows.deleteSession(this.#database.sql, id, operator);
  }

  /** Ends all of an operator's but this one. Returns how many. */
  endAll(sql: Sql, operator: string, but: string | null): Promise<number> {
    return rows.deleteSessions(sql, operator, but);
  }

  /** When it ends if nobody uses it. */
  idleEndOf({ last_seen_at, ends_at }: SessionRow): Date {
    return new Date(Math.min(last_seen_at.getTime() + this.#idleMs, ends_at.getTime()));
  }

  #living(): { now: Date; idleSince: Date } {
    const now = this.#clock.now();
    return { now: new Date(now), idleSince: new Date(now - this.#idleMs) };
  }

  get #idleMs(): number {
    return this.#times.idleMinutes * 60_000;
  }
}

/** Takes the cookie away. */
export const NO_SESSION = hostCookie(COOKIE, '', 0, 'Strict');

/**
 * What a page of ours sends along with each change: only who was given the answer of `GET /api/session` has
 * it. It follows from the session's token, and the token does not follow from it.
 */
export function csrfTokenOf(request: Request): string {
  return createHmac('sha256', tokenOf(request) ?? '')
    .update('quittance csrf')
    .digest('base64url');
}

export function hasCsrfToken(request: Request): boolean {
  const [given, right] = [request.headers.get('x-csrf-token') ?? '', csrfTokenOf(request)];
  return timingSafeEqual(hashOf(given), hashOf(right));
}

function tokenOf(request: Request): string | null {
  const token = cookieOf(request, COOKIE);
  return TOKEN.test(token) ? token : null;
}
