import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database, Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError, QuittanceError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Logger } from '../log.ts';
import { lockOrder, type Side } from '../orders/rows.ts';
import type { StripeClients } from '../stripe/clients.ts';
import type { Moved, Movement } from './movement.ts';
import { enqueueMovement } from './plan.ts';
import * as rows from './rows.ts';
import { callStripe, lookUp } from './stripe.ts';
import { setbackOf, troubleOf, waitSeconds, type Setback } from './trouble.ts';

// Stripe keeps an idempotency key for at least 24 hours; near that age we look before we ask again.
const KEY_MS_MAX = 23 * 60 * 60 * 1000;
// One for what another has begun meanwhile, one for a key that was too old.
const TURNS_MAX = 4;
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
  readonly #underWay = new Map<string, Promise<Movement>>();

  constructor(options: MovementsOptions) {
    this.#options = options;
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
    const known = this.#underWay.get(id);
    if (known) return known;
    const running = this.#run(id).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, running);
    return running;
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
      const movement = await database.transaction((sql, nested) => this.#turn(id, sql, nested));
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

  /** Null: the key has changed, and its first use is to be noted before it is used. */
  async #turn(id: string, sql: Sql, nested: Nested): Promise<Movement | null> {
    const { clients, clock, reach } = this.#options;
    const movement = await rows.lockMovement(sql, id);
    // Withdrawn since its try was noted.
    if (!movement) return null;
    if (movement.status !== 'planned') return movement;
    if (movement.tried_at === null) return null;
    const stripe = clients.open()({ account: movement.account, livemode: movement.livemode });
    const context = { sql, nested, enqueue: enqueueOn(sql), stripe };
    const isOld = clock.now() - Date.parse(movement.tried_at) >= KEY_MS_MAX;
    if (isOld || movement.attempt > 1) {
      const found = await tell(lookUp(stripe, movement));
      if ('error' in found) return this.#failToLook(movement, found.error, context);
      if (found.value === 'unsure') return this.#giveToPerson(movement, context);
      if (found.value) return this.#finish(movement, found.value, context);
    }
    if (isOld) {
      await rows.beginNextKey(sql, id);
      return null;
    }
    const called = await tell(callStripe(stripe, movement));
    if ('error' in called) return this.#fail(movement, called.error, context);
    reach('movement.after_stripe');
    return this.#finish(movement, called.value, context);
  }

  async #finish(movement: Movement, object: Moved, context: MovementContext): Promise<Movement> {
    if (movement.order_id !== null) await lockOrder(context.sql, movement.order_id);
    const done = await rows.markDone(context.sql, movement.id, object.id);
    for (const { done: hook } of this.#hooksOf(done)) await hook?.(done, object, context);
    return done;
  }

  async #fail(movement: Movement, error: unknown, context: MovementContext): Promise<Movement> {
    const setback = setbackOf(error, movement);
    if (setback === null) throw error;
    const { logger, alarm } = this.#options;
    const trouble = troubleOf(error);
    logger.warn({ movement: movement.id, kind: movement.kind, code: trouble.code }, `a movement: ${setback}`);
    if (setback === 'refused') return this.#refuse(movement, trouble, context);
    if (setback === 'blocked') {
      alarm('movement_blocked', movement.id, `${say(movement)}: check STRIPE_SECRET_KEY: ${trouble.message}`);
    }
    if (setback === 'new_key') {
      // It may have been done all the same. If this can't tell, the next try looks again before it asks.
      const found = await tell(lookUp(context.stripe, movement));
      if ('value' in found && found.value && found.value !== 'unsure') {
        return this.#finish(movement, found.value, context);
      }
    }
    if (setback === 'new_key' || setback === 'short') await rows.beginNextKey(context.sql, movement.id);
    return this.#putOff(movement, setback, trouble, context);
  }

  // Nothing was asked for, so nothing was refused.
  async #failToLook(movement: Movement, error: unknown, context: MovementContext): Promise<Movement> {
    const setback = setbackOf(error, movement);
    if (setback === null) throw error;
    return this.#putOff(movement, setback === 'refused' ? 'blocked' : 'again', troubleOf(error), context);
  }

  async #refuse(movement: Movement, trouble: rows.Trouble, context: MovementContext): Promise<Movement> {
    if (movement.order_id !== null) await lockOrder(context.sql, movement.order_id);
    const refused = await rows.markRefused(context.sql, movement.id, trouble);
    const hooks = this.#hooksOf(refused).filter((purpose) => purpose.refused);
    for (const purpose of hooks) await purpose.refused?.(refused, context);
    if (hooks.length === 0) {
      this.#options.alarm('movement_refused', refused.id, `${say(refused)}: ${trouble.message}`);
    }
    return refused;
  }

  async #giveToPerson(movement: Movement, context: MovementContext): Promise<Movement> {
    const message =
      'Stripe may have done this before and has too much to look through: find it in the Dashboard by its ' +
      'metadata quittance_movement. Nothing is sent until then.';
    this.#options.alarm('movement_unsure', movement.id, `${say(movement)}: ${message}`);
    return this.#putOff(movement, 'unsure', { code: 'unsure', message }, context);
  }

  async #putOff(
    { id, postponed }: Movement,
    why: Exclude<Setback, 'refused'> | 'unsure',
    trouble: rows.Trouble,
    { sql, enqueue }: MovementContext,
  ): Promise<Movement> {
    const seconds = waitSeconds(why, postponed, this.#options.random());
    const waiting = await rows.postpone(sql, id, seconds, trouble);
    await enqueueMovement(enqueue, waiting);
    return waiting;
  }

  #hooksOf({ purpose }: Movement): readonly Purpose[] {
    return this.#purposes.get(purpose) ?? [];
  }
}

/** What a call came to, so that what is done with it is not taken for the call when it fails. */
function tell<T>(call: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** A movement in words, for alarms. */
function say({ kind, purpose, subject, amount }: Movement): string {
  return `${kind} of ${amount.value} ${amount.currency} (${purpose}, ${subject})`;
}
