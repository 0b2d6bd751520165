import type Stripe from 'stripe';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { HANDLER_SECONDS_MAX } from './attempt.ts';
import type { BatchReport } from './batch.ts';
import { ALONE, SLOW, WIDE, type Lane, type WorkRow } from './claim.ts';
import { Claimer } from './claimer.ts';
import type { Enqueue, Handlers } from './handlers.ts';
import { InHand } from './in-hand.ts';
import { backoffSeconds } from './retry.ts';
import { Worker } from './worker.ts';

const KEYS_PER_BATCH = 300;
const LANES: readonly Lane[] = [WIDE, SLOW, ALONE];
const POLL_MS = 500;
const FAILED_ROUND_WAIT_MS = 1_000;
// A stop has to be over within 10 s; what still runs then is cut, undone, and run again by the next process.
const STOP_MS_MAX = 8_000;

export interface DrainOptions {
  database: Database;
  handlers: Handlers;
  reach: ReachFailpoint;
  /** This process's id in `quittance.process`. */
  process: string;
  /** Workers of the wide lane: each holds one connection while it has work. */
  workers?: number;
  /** Workers of the lane for slow work: as many objects may read Stripe at once. */
  slowWorkers?: number;
  keysPerBatch?: number;
  handlerSecondsMax?: number;
  pollMs?: number;
  backoff?: typeof backoffSeconds;
  random?: () => number;
  enqueueOn: (sql: Sql, row: WorkRow) => Enqueue;
  openStripe: () => (row: WorkRow) => Stripe;
  /** `seconds` from reading the events to their commit. */
  onBatch: (report: BatchReport, seconds: number) => void;
  /** Called with the reason when rounds begin to fail, and with null when they work again. */
  onTrouble: (failure: string | null) => void;
}

/** A worker that has nothing to do, or waits after a failure. */
interface Sleeper {
  lane: Lane;
  failed: boolean;
  wakeUp: () => void;
}

/**
 * The workers of one process: they find work by being woken, and by asking twice a second. Of those that
 * sleep in a lane only the first is woken; it wakes the next when it finds something. So a quiet server asks
 * on three connections, not on one for each worker.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #workers: Worker[] = [];
  readonly #loops: Promise<void>[] = [];
  /** By the number of the worker, so that the first is always the same and its connection is warm. */
  readonly #sleepers: (Sleeper | null)[] = [];
  readonly #troubled = new Set<Worker>();
  #poll: NodeJS.Timeout | undefined;
  #stopping = false;
  #wakes = 0;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  start(): void {
    const { workers = 4, slowWorkers = 4, database, process } = this.#options;
    const inHand = new InHand(database, process);
    const lanes: Lane[] = [...Array<Lane>(workers).fill(WIDE), ...Array<Lane>(slowWorkers).fill(SLOW), ALONE];
    for (const [number, lane] of lanes.entries()) {
      const worker = this.#makeWorker(lane, number, inHand);
      this.#workers.push(worker);
      this.#sleepers.push(null);
      const isFirst = lanes.indexOf(lane) === number;
      this.#loops.push(this.#loop(worker, number, lane, isFirst));
    }
    this.#poll = setInterval(() => this.#wakeFirsts(), this.#options.pollMs ?? POLL_MS);
  }

  /** New work has been committed: look now instead of at the next poll. */
  wake(): void {
    this.#wakes += 1;
    this.#wakeFirsts();
    for (const sleeper of this.#sleepers) if (sleeper?.failed) sleeper.wakeUp();
  }

  /** Finishes the running batches, for at most 8 s, and lets everything go. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#poll);
    for (const sleeper of this.#sleepers) sleeper?.wakeUp();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), STOP_MS_MAX);
    });
    const ended = await Promise.race([Promise.all(this.#loops), late]);
    clearTimeout(timer);
    if (ended !== 'late') return;
    // Their loops end by themselves; a handler that never returns is not waited for.
    await Promise.allSettled(this.#workers.map((worker) => worker.abandon()));
  }

  #makeWorker(lane: Lane, number: number, inHand: InHand): Worker {
    const options = this.#options;
    const keysMax = lane === WIDE ? (options.keysPerBatch ?? KEYS_PER_BATCH) : 1;
    return new Worker(
      {
        database: options.database,
        lane,
        handlers: options.handlers,
        reach: options.reach,
        mayGoOn: () => !this.#stopping,
        random: options.random ?? Math.random,
        backoff: options.backoff ?? backoffSeconds,
        handlerSecondsMax: options.handlerSecondsMax ?? HANDLER_SECONDS_MAX,
        enqueueOn: options.enqueueOn,
        openStripe: options.openStripe,
        claimer: new Claimer(lane, keysMax),
        inHand,
        onFound: () => this.#wakeNext(lane),
        onBatch: (report, seconds) => {
          options.onBatch(report, seconds);
          if (report.moved > 0) this.wake();
        },
      },
      number,
    );
  }

  async #loop(worker: Worker, number: number, lane: Lane, isFirst: boolean): Promise<void> {
    if (!isFirst) await this.#sleep(number, lane);
    while (!this.#stopping) {
      try {
        const wakes = this.#wakes;
        const worked = await worker.round();
        this.#report(worker, null);
        if (worked) continue;
        await worker.idle();
        // What woke us while we looked may have come too late to be seen.
        if (wakes === this.#wakes) await this.#sleep(number, lane);
      } catch (error) {
        this.#report(worker, describeError(error));
        await this.#sleep(number, lane, { failed: true });
      }
    }
    await worker.idle().catch(() => {}); // the process row's removal says the same
  }

  #sleep(number: number, lane: Lane, { failed = false } = {}): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.#sleepers[number] = null;
        resolve();
      };
      const timer = failed ? setTimeout(wakeUp, FAILED_ROUND_WAIT_MS) : undefined;
      this.#sleepers[number] = { lane, failed, wakeUp };
    });
  }

  #wakeFirsts(): void {
    for (const lane of LANES) this.#wakeNext(lane);
  }

  // One that failed is no help: it would take the turn of one that works.
  #wakeNext(lane: Lane): void {
    this.#sleepers.find((sleeper) => sleeper?.lane === lane && !sleeper.failed)?.wakeUp();
  }

  #report(worker: Worker, failure: string | null): void {
    const before = this.#troubled.size;
    if (failure === null) this.#troubled.delete(worker);
    else this.#troubled.add(worker);
    if (before === 0 && failure !== null) this.#options.onTrouble(failure);
    if (before > 0 && this.#troubled.size === 0) this.#options.onTrouble(null);
  }
}
