import type Stripe from 'stripe';
import { commit, nestedOn, type Connection, type Database } from '../db/database.ts';
import { HandlerTimeout } from './attempt.ts';
import { Batch, LostTransaction, type BatchOptions, type BatchReport } from './batch.ts';
import { claimAgain, readRows, type WorkRow } from './claim.ts';
import type { Claimer } from './claimer.ts';
import { bury, postpone } from './finish.ts';
import type { InHand } from './in-hand.ts';
import { ATTEMPTS_MAX } from './retry.ts';

const ROWS_PER_KEY_MAX = 50;
const TERMINATE_MS_MAX = 5_000;

export interface WorkerOptions extends Omit<BatchOptions, 'isolate' | 'nested' | 'stripeFor'> {
  /** Clients for one transaction: what it reads of Stripe is read once. */
  openStripe: () => (row: WorkRow) => Stripe;
  database: Database;
  claimer: Claimer;
  inHand: InHand;
  onBatch: (report: BatchReport) => void;
}

type Claim = (connection: Connection) => Promise<string[]>;

/** Claims keys, runs their events, commits; one transaction after the other. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #number: number;
  #connection: Connection | null = null;
  #keys: string[] = [];

  constructor(options: WorkerOptions, number: number) {
    this.#options = options;
    this.#number = number;
  }

  /** One transaction, or two when a handler failed. False when there was nothing to do. */
  async round(): Promise<boolean> {
    try {
      return await this.#transact(false, (connection) => this.#options.claimer.claim(connection));
    } catch (error) {
      if (this.#keys.length === 0) throw error;
    }
    // What failed is found by running the same keys again, event by event.
    const keys = this.#keys;
    try {
      await this.#transact(true, (connection) => claimAgain(connection, keys));
    } catch (error) {
      if (!(error instanceof LostTransaction)) throw error;
      await this.#countFailure(error.row, error.message);
    }
    return true;
  }

  /** Says that nothing is in this worker's hands any more. */
  async idle(): Promise<void> {
    await this.#options.inHand.clear(this.#number);
  }

  /** Cuts the running transaction: PostgreSQL undoes it and drops its locks. */
  abandon(): void {
    this.#connection?.release(true);
    this.#connection = null;
  }

  async #transact(isolate: boolean, claim: Claim): Promise<boolean> {
    this.#keys = [];
    const connection = await this.#options.database.connect();
    this.#connection = connection;
    try {
      await connection.query('begin');
      this.#keys = await claim(connection);
      if (this.#keys.length > 0) await this.#run(connection, isolate);
      else await connection.query('rollback');
      this.#release(false);
    } catch (error) {
      await this.#undo(connection, error);
      throw error;
    }
    return this.#keys.length > 0;
  }

  async #run(connection: Connection, isolate: boolean): Promise<void> {
    const { handlers, reach, inHand, onBatch } = this.#options;
    const rows = await readRows(connection, this.#keys, {
      rowsPerKeyMax: ROWS_PER_KEY_MAX,
      handledTypes: handlers.types(),
    });
    await inHand.take(this.#number, rows);
    reach('drain.after_claim');
    const slow = this.#options.lane === 1;
    const report = await new Batch(connection, {
      ...this.#options,
      isolate,
      stripeFor: slow ? this.#options.openStripe() : null,
      nested: slow ? nestedOn(connection) : null,
    }).run(rows);
    await commit(connection);
    reach('drain.after_commit');
    onBatch(report);
  }

  async #undo(connection: Connection, error: unknown): Promise<void> {
    const cause = error instanceof LostTransaction ? error.cause : error;
    if (cause instanceof HandlerTimeout) return this.#terminate(connection);
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

  async #countFailure(row: WorkRow, error: string): Promise<void> {
    const { database, backoff, random, onBatch } = this.#options;
    const attempts = row.attempts + 1;
    const connection = await database.connect();
    this.#connection = connection;
    try {
      await connection.query('begin');
      const buried = attempts >= ATTEMPTS_MAX;
      if (await this.#isStillNext(connection, row)) {
        if (buried) await bury(connection, row, error);
        else await postpone(connection, row, error, backoff(attempts, random()));
      }
      await commit(connection);
      this.#release(false);
      onBatch({
        done: 0,
        postponed: buried ? 0 : 1,
        buried: buried ? [{ row, error }] : [],
        movedToSlowLane: 0,
      });
    } catch (failure) {
      this.#release(true);
      throw failure;
    }
  }

  // Between the lost transaction and this one another worker may have taken the event.
  async #isStillNext(connection: Connection, row: WorkRow): Promise<boolean> {
    const keys = await claimAgain(connection, [row.key]);
    const [head] = await readRows(connection, keys, { rowsPerKeyMax: 1, handledTypes: [] });
    return head?.seq === row.seq && head.attempts === row.attempts;
  }
}
