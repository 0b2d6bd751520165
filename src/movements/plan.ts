import type { Sql } from '../db/sql.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import { newId } from '../ids.ts';
import { ORDER_FIELD } from '../orders/settle.ts';
import { MOVEMENT_FIELD, type Movement, type MovementKind, type NewMovement } from './movement.ts';
import { insertMovement, movementFor } from './rows.ts';

/** The job that makes the call. */
export const MOVEMENT_JOB = 'quittance.movement';

// The others take the currency from what they are made of, and refuse to be told.
const NAMES_CURRENCY = new Set<MovementKind>(['transfer', 'payout']);

/**
 * Writes down a call that moves money and queues it, in the caller's transaction: both happen if that
 * commits. Planned again for the same mode, purpose and subject it is the movement of the first time,
 * whatever is asked for now. Whoever plans for an order holds the order's lock (see movements.ts).
 */
export async function planMovement(
  { sql, enqueue }: { sql: Sql; enqueue: Enqueue },
  movement: NewMovement,
): Promise<Movement> {
  const known = await movementFor(sql, movement);
  if (known) return known;
  const id = newId('mov');
  const fresh = await insertMovement(sql, { ...movement, id, params: paramsOf(id, movement) });
  if (!fresh) return (await movementFor(sql, movement)) as Movement;
  await enqueueMovement(enqueue, fresh);
  return fresh;
}

/** Queues the call for when its time comes. */
export async function enqueueMovement(enqueue: Enqueue, { id, run_at }: Movement): Promise<void> {
  await enqueue(MOVEMENT_JOB, { id }, { key: `${MOVEMENT_JOB} ${id}`, runAt: new Date(run_at) });
}

function paramsOf(id: string, { kind, orderId, amount, params }: NewMovement): Record<string, unknown> {
  const metadata = {
    ...(params.metadata as Record<string, string> | undefined),
    [MOVEMENT_FIELD]: id,
    ...(orderId === null ? {} : { [ORDER_FIELD]: orderId }),
  };
  const currency = NAMES_CURRENCY.has(kind) ? { currency: amount.currency } : {};
  return { ...params, amount: amount.value, ...currency, metadata };
}
