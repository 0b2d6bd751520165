import { RETRANSFER as DISPUTE_RETRANSFER } from '../disputes/purposes.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Movement } from '../movements/movement.ts';
import type { MovementContext, Movements } from '../movements/movements.ts';
import { orderById } from '../orders/rows.ts';
import { addReversed } from '../orders/share-rows.ts';
import { SPLIT } from '../orders/split.ts';
import { isDead } from './refund.ts';
import { changeRefund, refundById } from './rows.ts';
import { giveToShares, takeFromShares } from './shares.ts';
import { RETRANSFER, REVERSAL } from './takings.ts';
import { REFUND, type RefundSync } from './sync.ts';

/** What follows from the movements of refunds, each in the transaction that stores its result. */
export function addRefundPurposes(movements: Movements, sync: RefundSync, alarm: RaiseAlarm): void {
  movements.on(REFUND, {
    done: async ({ order_id: order, account, livemode }, { id }, context) => {
      // What Stripe answers for a key is what it answered first: the refund may have failed since.
      await sync.follow(order as string, id, { ...context, side: { account, livemode } });
    },
    refused: async ({ subject, error_code }, { sql }) => {
      await changeRefund(sql, subject, { status: 'refused', failureReason: error_code, stripeRefund: null });
    },
  });
  movements.on(REVERSAL, {
    done: afterReversal,
    refused: (movement) => alarm('refund_reversal_refused', movement.id, sayRefused(movement, 'take from')),
  });
  // What was refunded while a transfer to a seller was under way is taken back from it now.
  const done = async (
    { order_id }: Movement,
    _transfer: unknown,
    context: MovementContext,
  ): Promise<void> => {
    const order = await orderById(context.sql, order_id as string);
    if (order) await takeFromShares(order, context);
  };
  for (const purpose of [SPLIT, DISPUTE_RETRANSFER]) movements.on(purpose, { done });
  movements.on(RETRANSFER, {
    done,
    refused: (movement) => alarm('refund_retransfer_refused', movement.id, sayRefused(movement, 'give to')),
  });
}

async function afterReversal(movement: Movement, _: unknown, context: MovementContext): Promise<void> {
  const { sql } = context;
  const [refundId = '', seller = ''] = movement.subject.split('/');
  const orderId = movement.order_id as string;
  await addReversed(sql, { orderId, seller, amount: movement.amount.value });
  const refund = await refundById(sql, refundId);
  const order = await orderById(sql, orderId);
  // The refund failed while this was under way.
  if (order && refund && isDead(refund)) await giveToShares(order, { refund, found: null }, context);
}

function sayRefused({ subject, amount, error }: Movement, way: string): string {
  const [refund, seller] = subject.split('/');
  const sum = `${amount.value} ${amount.currency}`;
  return `could not ${way} seller ${seller} ${sum} for refund ${refund}: ${error}`;
}
