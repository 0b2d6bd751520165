import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Movement } from '../movements/movement.ts';
import type { MovementContext, Movements } from '../movements/movements.ts';
import { addReversed } from '../orders/share-rows.ts';
import { SPLIT } from '../orders/split.ts';
import { RETRANSFER as REFUND_RETRANSFER } from '../refunds/takings.ts';
import { standingOf } from './dispute.ts';
import { partsOf, RETRANSFER, REVERSAL, type PlanContext } from './purposes.ts';
import { planRetransfer } from './retransfer.ts';
import { disputeById, disputesOf } from './rows.ts';
import type { Disputes } from './sync.ts';

/** What follows when the money of a dispute has moved, or will not. */
export function addDisputePurposes(
  movements: Movements,
  { disputes, alarm }: { disputes: Disputes; alarm: RaiseAlarm },
): void {
  // A seller was paid, or paid again, of an order that may be disputed since.
  const done = async (movement: Movement, _: unknown, context: MovementContext): Promise<void> => {
    const { account, livemode, order_id: order } = movement;
    if (order === null) return;
    for (const { id, charge, payment_intent: intent } of await disputesOf(context.sql, order)) {
      await disputes.sync(id, { ...context, side: { account, livemode } }, { charge, intent });
    }
  };
  for (const purpose of [SPLIT, REFUND_RETRANSFER]) movements.on(purpose, { done });
  movements.on(REVERSAL, {
    done: (movement, { id }, context) => afterReversal({ ...movement, stripe_id: id }, context),
    refused: (movement) => alarm('dispute_reversal_refused', movement.id, sayRefused(movement, 'from')),
  });
  movements.on(RETRANSFER, {
    refused: (movement) => alarm('dispute_retransfer_refused', movement.id, sayRefused(movement, 'to')),
  });
}

// The dispute may have been won while the reversal was under way: then nobody else gives the money back.
async function afterReversal(movement: Movement, context: PlanContext): Promise<void> {
  const { sql } = context;
  const orderId = movement.order_id as string;
  const { dispute: id, seller } = partsOf(movement.subject);
  // Both we and whoever syncs the dispute hold the order's lock, so one of us sees what the other did.
  await addReversed(sql, { orderId, seller, amount: movement.amount.value });
  const dispute = await disputeById(sql, movement.livemode, id);
  if (dispute && standingOf(dispute.status).stage === 'won') await planRetransfer(movement, context);
}

function sayRefused({ subject, amount, error }: Movement, way: 'from' | 'to'): string {
  const { dispute, seller } = partsOf(subject);
  const what = `${amount.value} ${amount.currency} ${way} ${seller} because of ${dispute}`;
  return `Stripe will not move ${what}: ${error ?? 'without a reason'}; settle it with the seller`;
}
