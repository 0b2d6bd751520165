import type { Connection } from '../db/database.ts';
import { claimByKey, claimFront, type Lane } from './claim.ts';

// The other workers hold the first keys of the window: it has to be wider than one batch.
const WINDOW_PER_KEY = 8;
// Rows become visible in the order of run_at, apart from transactions that commit late (they end after 7 s).
const LATE_COMMIT_MS = 30_000;
const FULL_SCAN_MS = 10_000;

/** Decides which keys a worker takes next. One for each worker. */
export class Claimer {
  readonly #lane: Lane;
  readonly #keysMax: number;
  #since = '-infinity';
  #fullScanAt = 0;
  #afterKey = '';

  constructor(lane: Lane, keysMax: number) {
    this.#lane = lane;
    this.#keysMax = keysMax;
  }

  /** Locks keys that have something to do; the locks end with the connection's transaction. */
  async claim(connection: Connection): Promise<string[]> {
    if (Date.now() - this.#fullScanAt > FULL_SCAN_MS) {
      this.#since = '-infinity';
      this.#fullScanAt = Date.now();
    }
    const claim = await claimFront(connection, {
      lane: this.#lane,
      keysMax: this.#keysMax,
      windowRows: this.#keysMax * WINDOW_PER_KEY,
      since: this.#since,
    });
    // What is older than this is done: the scan must not step over its remains again and again while
    // somebody's long transaction keeps vacuum from removing them.
    const oldest = claim.oldest ?? new Date();
    this.#since = new Date(oldest.getTime() - LATE_COMMIT_MS).toISOString();
    const enough = claim.keys.length * 4 >= this.#keysMax;
    return enough || !claim.windowFull ? claim.keys : this.#claimAround(connection, claim.keys);
  }

  // The front of the queue belongs to a few keys with many events: go round all keys instead.
  async #claimAround(connection: Connection, front: string[]): Promise<string[]> {
    const { keys, last } = await claimByKey(connection, {
      after: this.#afterKey,
      lane: this.#lane,
      keysMax: this.#keysMax,
    });
    this.#afterKey = last ?? '';
    return [...new Set([...front, ...keys])];
  }
}
