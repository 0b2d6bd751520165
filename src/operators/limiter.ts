import { createHmac, hkdfSync } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Sql } from '../db/sql.ts';
import { networkOf } from '../http/address.ts';
import * as rows from './attempt-rows.ts';

const NAME_FAILURES_MAX = 5;
// A whole office may stand behind one address.
const ADDRESS_FAILURES_MAX = 20;
const FORGOTTEN_MS = 15 * 60 * 1000;
const LOCK_SECONDS_FIRST = 30;
const LOCK_SECONDS_MAX = 15 * 60;
const KEY_BYTES = 32;

/** Who tries to be whom. */
export interface Try {
  name: string;
  address: string | null;
  /** The browser, when that name has signed in there before. */
  browser?: string | null;
}

interface Counter {
  key: Buffer;
  failuresMax: number;
}

/** Whether somebody may try. `locks`: if this fails too, it is the last for a while. */
export type Admission = { allowed: true; locks: boolean } | { allowed: false; seconds: number };

/**
 * Counts failures of each name, known or not, and of each address, for all processes. After five of a name,
 * or twenty of an address, nobody may try for half a minute, then a minute, two, … up to fifteen; but in a
 * browser where that name has signed in before, only its own five failures count.
 */
export class Limiter {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #key: Buffer;

  constructor({ sql, clock, secret }: { sql: Sql; clock: Clock; secret: string }) {
    this.#sql = sql;
    this.#clock = clock;
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'quittance sign-in attempts', KEY_BYTES));
  }

  async admit(who: Try): Promise<Admission> {
    const now = new Date(this.#clock.now());
    await rows.dropOldAttempts(this.#sql, now);
    let locks = false;
    const before: Buffer[] = [];
    for (const { key, failuresMax } of this.#countersOf(who)) {
      const counted = await rows.countAttempt(this.#sql, {
        key,
        now,
        forgotten: new Date(now.getTime() - FORGOTTEN_MS),
        failuresMax,
        lockSeconds: LOCK_SECONDS_FIRST,
        lockSecondsMax: LOCK_SECONDS_MAX,
      });
      if (!counted.allowed) {
        for (const other of before) await rows.forgiveAttempt(this.#sql, other);
        return { allowed: false, seconds: secondsUntil(counted.until, now) };
      }
      before.push(key);
      locks ||= counted.locks;
    }
    return { allowed: true, locks };
  }

  /** It was them: what was held against the name is forgotten, and this try against the address. */
  async succeed(who: Try): Promise<void> {
    const [name, address] = this.#countersOf(who).toReversed();
    if (name) await rows.forgetAttempts(this.#sql, name.key);
    if (address) await rows.forgiveAttempt(this.#sql, address.key);
  }

  /** Nobody looked whether it was right. */
  async takeBack(who: Try): Promise<void> {
    for (const { key } of this.#countersOf(who)) await rows.forgiveAttempt(this.#sql, key);
  }

  /** Stands for a name where it may not be written down. */
  pseudonym(name: string): string {
    return this.#hash(`name:${name}`).toString('hex').slice(0, 16);
  }

  // The address first: one that is locked must not go on to lock the names of others.
  #countersOf({ name, address, browser = null }: Try): Counter[] {
    if (browser !== null) return [{ key: this.#hash(`browser:${browser}`), failuresMax: NAME_FAILURES_MAX }];
    const ofName = { key: this.#hash(`name:${name}`), failuresMax: NAME_FAILURES_MAX };
    if (address === null) return [ofName];
    const key = this.#hash(`address:${networkOf(address)}`);
    return [{ key, failuresMax: ADDRESS_FAILURES_MAX }, ofName];
  }

  #hash(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function secondsUntil(time: Date, now: Date): number {
  return Math.max(1, Math.ceil((time.getTime() - now.getTime()) / 1000));
}
