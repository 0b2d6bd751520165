import type { Connection } from '../db/database.ts';
import { claimByAccount, claimByKey, claimFront, type Lane } from './claim.ts';

// The other workers hold the first keys of the window: it has to be wider than one batch.
const WINDOW_PER_KEY = 8;
const WINDOW_ROWS_MIN = 100;
const VISIT_PER_KEY = 4;
const VISIT_KEYS_MIN = 100;
const VISIT_ACCOUNTS_MAX = 50;
const FULL_SCAN_MS = 10_000;
const EVERYTHING = '-infinity';

/** Decides which keys a worker takes next. One for each worker. */
export class Claimer {
  readonly #lane: Lane;
  readonly #keysMax: number;
  #since = EVERYTHING;
  #fullScanAt = 0;
  #afterKey = '';
  #fromAccount = '';
  /** The front of the queue was full: what somebody else has to do may stand far behind it. */
  #isCrowded = false;

  constructor(lane: Lane, keysMax: number) {
    this.#lane = lane;
    this.#keysMax = keysMax;
  }

  /** Locks keys that have something to do; the locks end with the connection's transaction. */
  async claim(connection: Connection): Promise<string[]> {
    // Each second claim: one account with thousands of events must not hold up the others, nor they it.
    const inTurn = this.#isCrowded ? await this.#claimInTurn(connection) : [];
    this.#isCrowded = false;
    if (inTurn.length >= this.#keysMax) return inTurn;
    const front = await this.#claimFront(connection, this.#keysMax - inTurn.length);
    return [...new Set([...inTurn, ...front])];
  }

  async #claimFront(connection: Connection, keysMax: number): Promise<string[]> {
    if (performance.now() - this.#fullScanAt > FULL_SCAN_MS) {
      this.#since = EVERYTHING;
      this.#fullScanAt = performance.now();
    }
    const claim = await claimFront(connection, {
      lane: this.#lane,
      keysMax,
      windowRows: Math.max(this.#keysMax * WINDOW_PER_KEY, WINDOW_ROWS_MIN),
      since: this.#since,
    });
    // What is older than this is done: the scan must not step over its remains again and again while
    // somebody's long transaction keeps vacuum from removing them.
    this.#since = claim.since;
    this.#isCrowded = claim.windowFull;
    const enough = claim.keys.length * 4 >= keysMax;
    return enough || !claim.windowFull ? claim.keys : this.#claimAround(connection, claim.keys);
  }

  // One key of each account, beginning behind the account that had its turn last.
  async #claimInTurn(connection: Connection): Promise<string[]> {
    const wanted = { lane: this.#lane, keysMax: this.#keysMax, visitMax: VISIT_ACCOUNTS_MAX };
    const from = this.#fromAccount;
    let round = await claimByAccount(connection, { ...wanted, from });
    if (round.keys.length === 0 && from !== '')
      round = await claimByAccount(connection, { ...wanted, from: '' });
    const last = round.keys.length >= this.#keysMax ? accountOf(round.keys.at(-1) ?? '') : round.last;
    this.#fromAccount = last === null ? '' : `${last}0`;
    return round.keys;
  }

  // The front of the queue belongs to a few keys with many events: go round all keys instead.
  async #claimAround(connection: Connection, front: string[]): Promise<string[]> {
    const from = this.#afterKey;
    const wanted = { lane: this.#lane, keysMax: this.#keysMax - front.length };
    const visitMax = Math.max(this.#keysMax * VISIT_PER_KEY, VISIT_KEYS_MIN);
    let round = await claimByKey(connection, { ...wanted, after: from, visitMax });
    if (round.last === null && from !== '') {
      round = await claimByKey(connection, { ...wanted, after: '', visitMax });
    }
    this.#afterKey = round.last ?? '';
    return [...new Set([...front, ...round.keys])];
  }
}

function accountOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
