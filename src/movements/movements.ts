import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database, Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError, QuittanceError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import type { Logger } from '../log.ts';
import type { Side } from '../orders/rows.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { UnderWay } from '../under-way.ts';
import { Attempts } from './attempt.ts';
import { say, type Moved, type Movement } from './movement.ts';
import * as rows from './rows.ts';
import { Turnstile } from './turnstile.ts';
import { waitSeconds, wordsOf } from './trouble.ts';

// One for what another has begun meanwhile, one for a key that was too old.
const TURNS_MAX = 4;
// Each call holds a connection of the pool that pages and the API use, for as long as Stripe takes.
const CALLS_AT_ONCE = 4;
const SWEEP_MOVEMENTS_MAX = 100;
const STUCK_HOURS = 24;

/** The transaction in which a movement's result is stored, and the Stripe of its account. */
export interface MovementContext {
  sql: Sql;
  nested: Nested;
  enqueue: Enqueue;
  stripe: Stripe;
}

/**
 * What follows from a movement. Runs in the transaction that stores its result, under the order's lock if it
 * is an order's; a throw undoes both, and the same call is made again under the same key.
 */
export interface Purpose {
  /** `object` is what Stripe answered with. */
  done?: (movement: Movement, object: Moved, context: MovementContext) => unknown;
  /** Stripe will never do it: `error_code` and `error` say why. Without it somebody is alarmed. */
  refused?: (movement: Movement, context: MovementContext) => unknown;
}

export interface MovementsOptions {
  database: Database;
  clients: StripeClients;
  clock: Clock;
  logger: Logger;
  alarm: RaiseAlarm;
  reach: ReachFailpoint;
  /** From 0 to 1. */
  random: () => number;
  /** Our own account, in the mode of our key. */
  side: Side;
}

/**
 * Makes the calls that were planned, each once, whatever dies in between.
 *
 * The order of locks, for everybody: a movement's row, which only `run` takes and holds during the call, then
 * its order's row, then what belongs to the order (refunds, shares, disputes). So a slow call holds up no
 * payment of the same order, and who holds an order may plan for it, read its movements, and never locks one.
 */
export class Movements {
  readonly #options: MovementsOptions;
  readonly #purposes = new Map<string, Purpose[]>();
  readonly #attempts: Attempts;
  readonly #turnstile = new Turnstile(CALLS_AT_ONCE);
  readonly #underWay = new UnderWay<Movement>();

  constructor(options: MovementsOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options, ({ purpose }) => this.#purposes.get(purpose) ?? []);
  }

  /** Says what follows from movements of this purpose. Several may; they run in the order of these calls. */
  on(purpose: string, hooks: Purpose): void {
    this.#purposes.set(purpose, [...(this.#purposes.get(purpose) ?? []), hooks]);
  }

  /**
   * Makes the call now, if it was not made yet, and returns the movement as it is then: still `planned` when
   * Stripe can't tell yet, and the job goes on with it. Throws what a hook throws.
   */
  run(id: string): Promise<Movement> {
    return this.#underWay.join(id, () => this.#turnstile.pass(() => this.#run(id)));
  }

  /** The job: what somebody else is at is left to them, and the sweep sees to it if they die. */
  async work(payload: unknown): Promise<void> {
    const { id } = payload as { id: string };
    if (await rows.isFree(this.#options.database.sql, id)) await this.run(id);
  }

  /** Runs what is due and was forgotten. Returns how many movements it has tried. */
  async sweep(): Promise<number> {
    const { database, side, logger, alarm } = this.#options;
    const due = await rows.dueMovements(database.sql, side.livemode, SWEEP_MOVEMENTS_MAX);
    for (const { id } of due) {
      // One that fails must not keep the others from being tried.
      await this.run(id).catch((error: unknown) =>
        logger.error({ movement: id, error: describeError(error) }, 'a movement could not be run'),
      );
    }
    for (const stuck of await rows.stuckMovements(database.sql, side.livemode, STUCK_HOURS)) {
      alarm(
        'movement_stuck',
        stuck.id,
        `${say(stuck)} waits for more than a day: ${stuck.error ?? 'untold'}`,
      );
    }
    return due.length;
  }

  async #run(id: string): Promise<Movement> {
    const { database, clock, reach } = this.#options;
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      // Committed before the call: a key whose first use is not known would have no age.
      if (!(await rows.noteTry(database.sql, id, new Date(clock.now())))) break;
      reach('movement.after_try');
      const movement = await this.#turnOf(id);
      if (!movement) continue;
      if (movement.status === 'done') reach('movement.after_done');
      return movement;
    }
    const movement = await rows.movementById(database.sql, id);
    if (movement) return movement;
    throw new QuittanceError({
      code: 'movement_not_found',
      message: `There is no movement ${id} (any more).`,
    });
  }

  // What failed is undone, the call is not: kept outside of the transaction, so that it is seen and waits.
  async #turnOf(id: string): Promise<Movement | null> {
    const { database, random } = this.#options;
    try {
      return await database.transaction((sql, nested) => this.#attempts.make(id, sql, nested));
    } catch (error) {
      const why = { code: 'follow_up_failed', message: wordsOf(describeError(error)) };
      const movement = await rows.movementById(database.sql, id).catch(() => null);
      const seconds = waitSeconds('again', movement?.postponed ?? 0, random());
      await rows.postpone(database.sql, id, seconds, why).catch(() => {}); // the database is away
      throw error;
    }
  }
}
