import type { Connection } from '../db/database.ts';
import { inOneWrite, type Queryable } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { attempt, NeedsSlowLane, type Attempted, type AttemptOptions } from './attempt.ts';
import { WIDE, type Lane, type WorkRow } from './claim.ts';
import { bury, moveToLanes, postpone, pushBack, removeDone, writeOutcomes } from './finish.ts';
import type { Handlers } from './handlers.ts';
import { inEventSpan } from './event-span.ts';
import { HandlerTimeout } from './lease.ts';
import { usableSeconds } from './outcome.ts';
import { ATTEMPTS_MAX, type backoffSeconds } from './retry.ts';

export interface BatchOptions extends AttemptOptions {
  lane: Lane;
  handlers: Handlers;
  reach: ReachFailpoint;
  random: () => number;
  /** Seconds to wait after so many failed attempts. */
  backoff: typeof backoffSeconds;
  /** False when the batch is to end with what it has done: the rest is read again by the next. */
  mayGoOn: () => boolean;
  /**
   * Each event under a savepoint, so that one failure undoes only itself. Off for the first run of a batch:
   * savepoints more than halve the rate (10,700 events/s instead of 23,500 where this was designed).
   */
  isolate: boolean;
}

/** What a batch did, counted. */
export interface BatchReport {
  done: number;
  /** Of these, how many had no handler: nothing was done for them. */
  unhandled: number;
  /** How long each of those that are done had been due when it was read. */
  dueSeconds: readonly number[];
  postponed: number;
  buried: { row: WorkRow; error: string }[];
  /** Keys that wait for another lane now. */
  moved: number;
}

/** An event that took its transaction with it: its handler hung, or broke the connection. */
export interface Lost {
  row: WorkRow;
  error: string;
  /** False when it may only have stood behind the statement of another. */
  proven: boolean;
}

/** The transaction can't be used any more; nothing of the batch is stored. */
export class LostTransaction extends Error {
  readonly lost: readonly Lost[];

  constructor(lost: readonly Lost[], cause: unknown) {
    super(describeError(cause), { cause });
    this.lost = lost;
  }
}

/** One pass over the rows that were read under lock. The caller owns the transaction. */
export class Batch {
  readonly #connection: Connection;
  readonly #handlersConnection: Queryable;
  readonly #options: BatchOptions;
  readonly #closedKeys = new Set<string>();
  readonly #blockedKeys = new Set<string>();
  readonly #moved = new Map<string, Lane>();
  readonly #lost: Lost[] = [];
  readonly #done: WorkRow[] = [];
  #unhandled = 0;
  readonly #ignored: { seq: number; reason: string }[] = [];
  readonly #postponed: { row: WorkRow; error: string; afterSeconds: number; handled: number }[] = [];
  readonly #buried: { row: WorkRow; error: string }[] = [];

  constructor(connection: Connection, options: BatchOptions) {
    this.#connection = connection;
    this.#handlersConnection = options.isolate ? connection : inOneWrite(connection);
    this.#options = options;
  }

  /**
   * Runs the handlers, then writes what became of each event. Throws what they throw, unless isolated, and
   * `LostTransaction`.
   */
  async run(rows: readonly WorkRow[]): Promise<BatchReport> {
    if (this.#options.isolate) await this.#takeInTurn(rows);
    else await this.#takeTogether(rows);
    await this.#write();
    return {
      done: this.#done.length,
      unhandled: this.#unhandled,
      dueSeconds: this.#done.map((row) => row.due_seconds),
      postponed: this.#postponed.length,
      buried: this.#buried,
      moved: this.#moved.size,
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
    if (failed) throw this.#lost.length > 0 ? new LostTransaction(this.#lost, failed.reason) : failed.reason;
  }

  async #takeInTurn(rows: readonly WorkRow[]): Promise<void> {
    for (const [index, row] of rows.entries()) {
      if (index > 0 && !this.#options.mayGoOn()) return;
      if (!this.#closedKeys.has(row.key)) await this.#take(row);
    }
  }

  async #take(row: WorkRow): Promise<void> {
    const { handlers, lane } = this.#options;
    if (row.waiting) return this.#block(row);
    const place = Math.max(row.lane, handlers.laneOf(row.type)) as Lane;
    if (place > lane) return this.#move(row, place);
    const forType = handlers.of(row.type);
    if (forType.length === 0 || row.body === null) return this.#pass(row);
    const attempted = this.#options.isolate ? await this.#isolated(row) : await this.#plain(row);
    if (attempted) this.#note(row, attempted);
    // The process may die of the next event of this key: a suspect is committed alone.
    if (row.suspect) this.#closedKeys.add(row.key);
  }

  #pass(row: WorkRow): void {
    this.#unhandled += 1;
    this.#done.push(row);
  }

  #block(row: WorkRow): void {
    this.#closedKeys.add(row.key);
    this.#blockedKeys.add(row.key);
  }

  #move(row: WorkRow, lane: Lane): void {
    this.#closedKeys.add(row.key);
    this.#moved.set(row.key, lane);
  }

  async #plain(row: WorkRow): Promise<Attempted> {
    const { handlers, lane, reach } = this.#options;
    try {
      const attempted = await this.#attempt(row);
      reach('drain.mid_handler');
      return attempted;
    } catch (error) {
      if (error instanceof NeedsSlowLane) handlers.markSlow(row.type);
      if (error instanceof HandlerTimeout) {
        // In the wide lane many objects share the connection: who waits for it may wait for another.
        const proven = lane !== WIDE || !error.inStatement;
        if (lane === WIDE && proven) handlers.setApart(row.type);
        this.#lost.push({ row, error: describeError(error), proven });
      }
      throw error;
    }
  }

  async #isolated(row: WorkRow): Promise<Attempted | null> {
    try {
      return await this.#underSavepoint(row);
    } catch (error) {
      throw new LostTransaction([{ row, error: describeError(error), proven: true }], error);
    }
  }

  async #underSavepoint(row: WorkRow): Promise<Attempted | null> {
    await this.#connection.query('savepoint event');
    try {
      const attempted = await this.#attempt(row);
      // A deferred constraint would otherwise fail at COMMIT, and with it the whole batch, for ever.
      await this.#connection.query('set constraints all immediate');
      await this.#connection.query('release savepoint event');
      return attempted;
    } catch (error) {
      if (error instanceof HandlerTimeout) throw error;
      await this.#connection.query('rollback to savepoint event');
      if (error instanceof NeedsSlowLane) {
        this.#options.handlers.markSlow(row.type);
        this.#move(row, this.#options.handlers.laneOf(row.type));
      } else this.#fail(row, describeError(error), { afterSeconds: null, handled: row.handled });
      return null;
    }
  }

  #attempt(row: WorkRow): Promise<Attempted> {
    const handlers = this.#options.handlers.of(row.type);
    return inEventSpan(row, () => attempt(this.#handlersConnection, row, handlers, this.#options));
  }

  #note(row: WorkRow, { outcome, handled }: Attempted): void {
    switch (outcome.kind) {
      case 'done':
        this.#done.push(row);
        return;
      case 'ignored':
        this.#done.push(row);
        this.#ignored.push({ seq: row.seq, reason: outcome.why });
        return;
      case 'retry':
        this.#fail(row, outcome.why, { afterSeconds: outcome.afterSeconds, handled });
        return;
      case 'give_up':
        this.#buried.push({ row, error: outcome.why });
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Puts the event off, or buries it after its last attempt. Its key goes on only in the second case. */
  #fail(row: WorkRow, error: string, put: { afterSeconds: number | null; handled: number }): void {
    const attempts = row.attempts + 1;
    if (attempts >= ATTEMPTS_MAX) return void this.#buried.push({ row, error });
    this.#closedKeys.add(row.key);
    const { backoff, random } = this.#options;
    const afterSeconds = put.afterSeconds ?? usableSeconds(backoff(attempts, random())) ?? 0;
    this.#postponed.push({ row, error, afterSeconds, handled: put.handled });
  }

  async #write(): Promise<void> {
    const connection = this.#connection;
    for (const { row, ...failure } of this.#postponed) await postpone(connection, row, failure);
    for (const { row, error } of this.#buried) await bury(connection, row, error);
    await writeOutcomes(connection, 'ignored', this.#ignored);
    await removeDone(connection, this.#done);
    await pushBack(connection, [...this.#blockedKeys]);
    await moveToLanes(connection, this.#moved);
    if (this.#postponed.length > 0) this.#options.reach('drain.before_retry_commit');
    if (this.#buried.length > 0) this.#options.reach('drain.before_dead_letter_commit');
    this.#options.reach('drain.before_commit');
  }
}
