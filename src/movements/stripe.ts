import type Stripe from 'stripe';
import { unlessMissing } from '../stripe/failures.ts';
import { MOVEMENT_FIELD, type Moved, type Movement, type MovementKind } from './movement.ts';

const PAGE = 100;
// A thousand objects since a movement was planned: beyond that nothing is guessed.
const LOOK_UP_OBJECTS_MAX = 1_000;
// Our clock and Stripe's may differ by more than they should.
const LOOK_UP_SECONDS_EARLY = 3_600;

/** How each kind is made and looked for. */
interface Call {
  make: (stripe: Stripe, movement: Movement, options: Stripe.RequestOptions) => Promise<Moved>;
  /** All among which it must be if it was made. */
  list: (stripe: Stripe, movement: Movement) => AsyncIterable<Moved>;
}

const CALLS: Record<MovementKind, Call> = {
  refund: {
    make: (stripe, { params }, options) => stripe.refunds.create(params, options),
    list: (stripe, { params }) =>
      stripe.refunds.list({ ...pick(params, 'payment_intent', 'charge'), limit: PAGE }),
  },
  transfer: {
    make: (stripe, { params }, options) =>
      stripe.transfers.create(params as unknown as Stripe.TransferCreateParams, options),
    list: (stripe, movement) =>
      stripe.transfers.list({
        ...pick(movement.params, 'destination'),
        created: { gte: since(movement) },
        limit: PAGE,
      }),
  },
  reversal: {
    make: (stripe, { target, params }, options) =>
      stripe.transfers.createReversal(target as string, params, options),
    list: (stripe, { target }) => stripe.transfers.listReversals(target as string, { limit: PAGE }),
  },
  payout: {
    make: (stripe, { params }, options) =>
      stripe.payouts.create(params as unknown as Stripe.PayoutCreateParams, options),
    list: (stripe, movement) => stripe.payouts.list({ created: { gte: since(movement) }, limit: PAGE }),
  },
};

/** Makes the call under the movement's present key. */
export function callStripe(stripe: Stripe, movement: Movement): Promise<Moved> {
  const idempotencyKey = `quittance_${movement.id}_${movement.attempt}`;
  return CALLS[movement.kind].make(stripe, movement, { idempotencyKey });
}

/**
 * What an earlier try made, when its key may be forgotten or stands for an error. Null when there is surely
 * nothing, `unsure` when there is too much to read.
 */
export async function lookUp(stripe: Stripe, movement: Movement): Promise<Moved | 'unsure' | null> {
  return unlessMissing(search(CALLS[movement.kind].list(stripe, movement), movement.id));
}

async function search(objects: AsyncIterable<Moved>, id: string): Promise<Moved | 'unsure' | null> {
  let seen = 0;
  for await (const object of objects) {
    if (object.metadata?.[MOVEMENT_FIELD] === id) return object;
    if ((seen += 1) >= LOOK_UP_OBJECTS_MAX) return 'unsure';
  }
  return null;
}

function since({ created_at }: Movement): number {
  return Math.floor(Date.parse(created_at) / 1000) - LOOK_UP_SECONDS_EARLY;
}

function pick(params: Record<string, unknown>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof params[name] === 'string' ? [[name, params[name]]] : [])),
  );
}
