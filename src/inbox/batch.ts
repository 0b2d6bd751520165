import type { Connection } from '../db/database.ts';
import { inOneWrite, type Queryable } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { attempt, HandlerTimeout, NeedsSlowLane, type AttemptOptions } from './attempt.ts';
import type { Lane, WorkRow } from './claim.ts';
import { bury, moveToSlowLane, postpone, pushBack, removeDone, writeOutcome } from './finish.ts';
import type { Handlers } from './handlers.ts';
import type { Outcome } from './outcome.ts';
import { ATTEMPTS_MAX, type backoffSeconds } from './retry.ts';

export interface BatchOptions extends AttemptOptions {
  lane: Lane;
  handlers: Handlers;
  reach: ReachFailpoint;
  random: () => number;
  /** Seconds to wait after so many failed attempts. */
  backoff: typeof backoffSeconds;
  /**
   * Each event under a savepoint, so that one failure undoes only itself. Off for the first run of a batch:
   * savepoints more than halve the rate (10,700 events/s instead of 23,500 where this was designed).
   */
  isolate: boolean;
}

/** What a batch did, counted. */
export interface BatchReport {
  done: number;
  postponed: number;
  buried: { row: WorkRow; error: string }[];
  /** Keys of the wide lane that wait for the slow one now. */
  movedToSlowLane: number;
}

/** An isolated event that took its transaction with it: it hung, or broke the connection. */
export class LostTransaction extends Error {
  readonly row: WorkRow;
  constructor(row: WorkRow, cause: unknown) {
    super(describeError(cause), { cause });
    this.row = row;
  }
}

/** One pass over the rows that were read under lock. The caller owns the transaction. */
export class Batch {
  readonly #connection: Connection;
  readonly #handlersConnection: Queryable;
  readonly #options: BatchOptions;
  readonly #closedKeys = new Set<string>();
  readonly #blockedKeys = new Set<string>();
  readonly #slowKeys = new Set<string>();
  readonly #done: WorkRow[] = [];
  readonly #ignored: { row: WorkRow; why: string }[] = [];
  readonly #postponed: { row: WorkRow; error: string; afterSeconds: number }[] = [];
  readonly #buried: { row: WorkRow; error: string }[] = [];

  constructor(connection: Connection, options: BatchOptions) {
    this.#connection = connection;
    this.#handlersConnection = options.isolate ? connection : inOneWrite(connection);
    this.#options = options;
  }

  /** Runs the handlers, then writes what became of each event. Throws what they throw, unless isolated. */
  async run(rows: readonly WorkRow[]): Promise<BatchReport> {
    if (this.#options.isolate) await this.#takeInTurn(rows);
    else await this.#takeTogether(rows);
    await this.#write();
    return {
      done: this.#done.length,
      postponed: this.#postponed.length,
      buried: this.#buried,
      movedToSlowLane: this.#slowKeys.size,
    };
  }

  // Objects side by side, the events of one object in turn: statements of many handlers travel together on
  // the one pipelined connection. All have ended, well or badly, before the batch goes on.
  async #takeTogether(rows: readonly WorkRow[]): Promise<void> {
    const byKey = new Map<string, WorkRow[]>();
    for (const row of rows) {
      const ofKey = byKey.get(row.key);
      if (ofKey) ofKey.push(row);
      else byKey.set(row.key, [row]);
    }
    const ended = await Promise.allSettled([...byKey.values()].map((ofKey) => this.#takeInTurn(ofKey)));
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #takeInTurn(rows: readonly WorkRow[]): Promise<void> {
    for (const row of rows) {
      if (!this.#closedKeys.has(row.key)) await this.#take(row);
    }
  }

  async #take(row: WorkRow): Promise<void> {
    const { handlers, lane } = this.#options;
    if (row.waiting) return this.#close(row, this.#blockedKeys);
    if (lane === 0 && (row.lane === 1 || handlers.isSlow(row.type))) return this.#close(row, this.#slowKeys);
    const forType = handlers.of(row.type);
    if (forType.length === 0 || row.body === null) return void this.#done.push(row);
    const outcome = this.#options.isolate ? await this.#isolated(row) : await this.#plain(row);
    if (outcome) this.#note(row, outcome);
    // The process may die of the next event of this key: a suspect is committed alone.
    if (row.suspect) this.#closedKeys.add(row.key);
  }

  #close(row: WorkRow, because: Set<string>): void {
    this.#closedKeys.add(row.key);
    because.add(row.key);
  }

  async #plain(row: WorkRow): Promise<Outcome> {
    try {
      const outcome = await this.#attempt(row);
      this.#options.reach('drain.mid_handler');
      return outcome;
    } catch (error) {
      if (error instanceof NeedsSlowLane) this.#options.handlers.markSlow(row.type);
      throw error;
    }
  }

  async #isolated(row: WorkRow): Promise<Outcome | null> {
    try {
      return await this.#underSavepoint(row);
    } catch (error) {
      throw new LostTransaction(row, error);
    }
  }

  async #underSavepoint(row: WorkRow): Promise<Outcome | null> {
    await this.#connection.query('savepoint event');
    try {
      const outcome = await this.#attempt(row);
      // A deferred constraint would otherwise fail at COMMIT, and with it the whole batch, for ever.
      await this.#connection.query('set constraints all immediate');
      await this.#connection.query('release savepoint event');
      return outcome;
    } catch (error) {
      if (error instanceof HandlerTimeout) throw error;
      await this.#connection.query('rollback to savepoint event');
      if (error instanceof NeedsSlowLane) {
        this.#options.handlers.markSlow(row.type);
        this.#close(row, this.#slowKeys);
      } else this.#fail(row, describeError(error), null);
      return null;
    }
  }

  #attempt(row: WorkRow): Promise<Outcome> {
    return attempt(this.#handlersConnection, row, this.#options.handlers.of(row.type), this.#options);
  }

  #note(row: WorkRow, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'done':
        this.#done.push(row);
        return;
      case 'ignored':
        this.#done.push(row);
        this.#ignored.push({ row, why: outcome.why });
        return;
      case 'retry':
        this.#fail(row, outcome.why, outcome.afterSeconds);
        return;
      case 'give_up':
        this.#buried.push({ row, error: outcome.why });
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Puts the event off, or buries it after its last attempt. Its key goes on only in the second case. */
  #fail(row: WorkRow, error: string, afterSeconds: number | null): void {
    const attempts = row.attempts + 1;
    if (attempts >= ATTEMPTS_MAX) return void this.#buried.push({ row, error });
    this.#closedKeys.add(row.key);
    const wait = afterSeconds ?? this.#options.backoff(attempts, this.#options.random());
    this.#postponed.push({ row, error, afterSeconds: wait });
  }

  async #write(): Promise<void> {
    const connection = this.#connection;
    for (const { row, error, afterSeconds } of this.#postponed) {
      await postpone(connection, row, error, afterSeconds);
    }
    for (const { row, error } of this.#buried) await bury(connection, row, error);
    for (const { row, why } of this.#ignored) await writeOutcome(connection, row.seq, 'ignored', why);
    await removeDone(connection, this.#done);
    await pushBack(connection, [...this.#blockedKeys]);
    await moveToSlowLane(connection, [...this.#slowKeys]);
    if (this.#postponed.length > 0) this.#options.reach('drain.before_retry_commit');
    if (this.#buried.length > 0) this.#options.reach('drain.before_dead_letter_commit');
    this.#options.reach('drain.before_commit');
  }
}
