import type Stripe from 'stripe';
import { isAway } from '../db/away.ts';
import { commit, nestedOn, type Connection, type Database } from '../db/database.ts';
import { describeError } from '../errors.ts';
import { Batch, LostTransaction, type BatchOptions, type BatchReport, type Lost } from './batch.ts';
import { ALONE, attemptsOf, claimAgain, readRows, WIDE, type WorkRow } from './claim.ts';
import type { Claimer } from './claimer.ts';
import { bury, moveToLanes, postpone } from './finish.ts';
import type { InHand } from './in-hand.ts';
import { HandlerTimeout } from './lease.ts';
import { usableSeconds } from './outcome.ts';
import { ATTEMPTS_MAX } from './retry.ts';

const ROWS_PER_KEY_MAX = 50;
// A key with many slow events must not hold back the others of its batch: the rest of it comes next time.
const BATCH_MS_MAX = 2_000;
const TERMINATE_MS_MAX = 5_000;

export interface WorkerOptions extends Omit<BatchOptions, 'isolate' | 'nested' | 'stripeFor'> {
  /** Clients for one transaction: what it reads of Stripe is read once. */
  openStripe: () => (row: WorkRow) => Stripe;
  database: Database;
  claimer: Claimer;
  inHand: InHand;
  /** Called before the work on what was found: there may be more for others. */
  onFound: () => void;
  /** `seconds` from reading the events to their commit. */
  onBatch: (report: BatchReport, seconds: number) => void;
}

type Claim = (connection: Connection) => Promise<string[]>;

/** Claims keys, runs their events, commits; one transaction after the other. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #number: number;
  #connection: Connection | null = null;
  #keys: string[] = [];
  /** What the running transaction has begun to run. */
  #rows: WorkRow[] = [];
  #abandoned = false;

  constructor(options: WorkerOptions, number: number) {
    this.#options = options;
    this.#number = number;
  }

  /** One transaction, or some more when a handler failed. False when there was nothing to do. */
  async round(): Promise<boolean> {
    try {
      return await this.#transact(false, (connection) => this.#options.claimer.claim(connection));
    } catch (error) {
      if (this.#keys.length === 0) throw error;
      if (error instanceof LostTransaction) await this.#setApart(error.lost);
      // What failed is found by running the same keys again, event by event. The same keys and no others:
      // those that did nothing wrong must not meet the next one that hangs.
      await this.#runAgain(this.#keys);
      return true;
    }
  }

  /** Says that nothing is in this worker's hands any more. */
  async idle(): Promise<void> {
    await this.#options.inHand.clear(this.#number);
  }

  /** Cuts the running transaction, for good: PostgreSQL undoes it and drops its locks. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    if (this.#connection) await this.#terminate(this.#connection);
  }

  async #runAgain(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    try {
      await this.#transact(true, (connection) => claimAgain(connection, keys));
    } catch (error) {
      const [begun] = this.#rows;
      if (error instanceof LostTransaction) return this.#setApart(error.lost);
      if (!begun) throw error;
      // It failed outside of every event, at COMMIT for example: found by running each object alone.
      if (keys.length === 1)
        return this.#setApart([{ row: begun, error: describeError(error), proven: true }]);
      for (const key of keys) await this.#runAgain([key]);
    }
  }

  async #transact(isolate: boolean, claim: Claim): Promise<boolean> {
    this.#keys = [];
    this.#rows = [];
    if (this.#abandoned) throw new Error('this worker has been stopped');
    const connection = await this.#options.database.connect();
    this.#connection = connection;
    try {
      await connection.query('begin');
      this.#keys = await claim(connection);
      if (this.#keys.length > 0) {
        if (!isolate) this.#options.onFound();
        await this.#run(connection, isolate);
      } else await connection.query('rollback');
      this.#release(false);
    } catch (error) {
      await this.#undo(connection, error);
      throw error;
    }
    return this.#keys.length > 0;
  }

  async #run(connection: Connection, isolate: boolean): Promise<void> {
    const { handlers, reach, inHand, onBatch, mayGoOn, lane } = this.#options;
    const rows = await readRows(connection, this.#keys, {
      rowsPerKeyMax: ROWS_PER_KEY_MAX,
      handledTypes: handlers.types(),
    });
    const begun = performance.now();
    await inHand.take(this.#number, rows);
    reach('drain.after_claim');
    this.#rows = rows.filter((row) => !row.waiting);
    const end = performance.now() + BATCH_MS_MAX;
    const report = await new Batch(connection, {
      ...this.#options,
      isolate,
      mayGoOn: () => performance.now() < end && mayGoOn(),
      stripeFor: lane === WIDE ? null : this.#options.openStripe(),
      nested: lane === WIDE ? null : nestedOn(connection),
    }).run(rows);
    await commit(connection);
    reach('drain.after_commit');
    onBatch(report, (performance.now() - begun) / 1000);
  }

  async #undo(connection: Connection, error: unknown): Promise<void> {
    const cause = error instanceof LostTransaction ? error.cause : error;
    if (cause instanceof HandlerTimeout) return this.#terminate(connection);
    // One that is silent would not answer a rollback, and one that can only read is of no use any more.
    if (isAway(cause)) return this.#release(true);
    await connection.query('rollback').then(
      () => this.#release(false),
      () => this.#release(true),
    );
  }

  /** A statement of a hung handler may go on for hours: its backend is ended, and with it its locks. */
  async #terminate(connection: Connection): Promise<void> {
    const { processID } = connection as unknown as { processID: number };
    this.#release(true);
    await this.#options.database.sql`select pg_terminate_backend(${processID}, ${TERMINATE_MS_MAX})`;
  }

  #release(broken: boolean): void {
    this.#connection?.release(broken);
    this.#connection = null;
  }

  /** Writes down what became of lost events, each in its own transaction, and hands their keys to ALONE. */
  async #setApart(lost: readonly Lost[]): Promise<void> {
    const keys = new Set(lost.map(({ row }) => row.key));
    this.#keys = this.#keys.filter((key) => !keys.has(key));
    for (const one of lost) await this.#writeLost(one);
  }

  async #writeLost({ row, error, proven }: Lost): Promise<void> {
    const { database, backoff, random, onBatch } = this.#options;
    const attempts = row.attempts + 1;
    const none = { done: 0, unhandled: 0, dueSeconds: [] };
    const report: BatchReport = { ...none, postponed: 0, buried: [], moved: 1 };
    await database.transaction(async (_sql, _nested, connection) => {
      if (!(await this.#isAsItWas(connection, row))) return;
      await moveToLanes(connection, new Map([[row.key, ALONE]]));
      if (!proven) return;
      if (attempts >= ATTEMPTS_MAX) {
        await bury(connection, row, error);
        report.buried.push({ row, error });
      } else {
        const afterSeconds = usableSeconds(backoff(attempts, random())) ?? 0;
        await postpone(connection, row, { error, afterSeconds, handled: row.handled });
        report.postponed = 1;
      }
    });
    onBatch(report, 0);
  }

  // Between the lost transaction and this one another worker may have taken the event.
  async #isAsItWas(connection: Connection, row: WorkRow): Promise<boolean> {
    const [locked] = await claimAgain(connection, [row.key]);
    return locked !== undefined && (await attemptsOf(connection, row)) === row.attempts;
  }
}
