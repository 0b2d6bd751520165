import type { Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import { lockOrder } from '../orders/rows.ts';
import { say, type Moved, type Movement } from './movement.ts';
import type { MovementContext, MovementsOptions, Purpose } from './movements.ts';
import { enqueueMovement } from './plan.ts';
import * as rows from './rows.ts';
import { callStripe, lookUp } from './stripe.ts';
import { setbackOf, troubleOf, waitSeconds, type Setback } from './trouble.ts';

// Stripe keeps an idempotency key for at least 24 hours; near that age we look before we ask again.
const KEY_MS_MAX = 23 * 60 * 60 * 1000;

// Stripe repeats its answer to a key, and the next try has to be a new question.
const NEEDS_NEW_KEY = new Set<Setback>(['new_key', 'short', 'unready']);

/** One try of a movement: the call, and what follows from its answer, in one transaction. */
export class Attempts {
  readonly #options: MovementsOptions;
  readonly #hooksOf: (movement: Movement) => readonly Purpose[];

  constructor(options: MovementsOptions, hooksOf: (movement: Movement) => readonly Purpose[]) {
    this.#options = options;
    this.#hooksOf = hooksOf;
  }

  /** Null: the key has changed, and its first use is to be noted before it is used. */
  async make(id: string, sql: Sql, nested: Nested): Promise<Movement | null> {
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
    if (setback === 'unready') {
      alarm('movement_waits', movement.id, `${say(movement)} waits for its receiver: ${trouble.message}`);
    }
    if (NEEDS_NEW_KEY.has(setback)) await rows.beginNextKey(context.sql, movement.id);
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
}

/** What a call came to, so that what is done with it is not taken for the call when it fails. */
function tell<T>(call: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
