import type Stripe from 'stripe';
import type { Movement } from '../movements/movement.ts';
import { planMovement } from '../movements/plan.ts';
import { takenBy } from '../movements/taken.ts';
import { idOf } from '../orders/payment.ts';
import { DISPUTE_FIELD, partsOf, RETRANSFER, type PlanContext } from './purposes.ts';

/** A reversal that Stripe has made. */
type Reversed = Pick<Movement, 'livemode' | 'subject' | 'order_id' | 'target' | 'params' | 'stripe_id'>;

/**
 * Plans to give a seller what the done reversal took: its amount, less the platform's fee that the seller got
 * back with it. Planned twice it is the same movement. Call it under the order's lock.
 */
export async function planRetransfer(reversed: Reversed, context: PlanContext): Promise<void> {
  const { stripe } = context;
  const found = await stripe.transfers.retrieveReversal(
    reversed.target as string,
    reversed.stripe_id as string,
    { expand: ['transfer'] },
  );
  const transfer = found.transfer as Stripe.Transfer;
  const destination = idOf(transfer.destination) as string;
  const gaveFee = reversed.params.refund_application_fee === true;
  const value = gaveFee ? await takenBy(found, destination, stripe) : found.amount;
  if (value <= 0) return;
  await planMovement(context, {
    account: '',
    livemode: reversed.livemode,
    kind: 'transfer',
    purpose: RETRANSFER,
    subject: reversed.subject,
    orderId: reversed.order_id,
    amount: { value, currency: found.currency },
    params: {
      destination,
      metadata: { [DISPUTE_FIELD]: partsOf(reversed.subject).dispute },
      ...(transfer.transfer_group ? { transfer_group: transfer.transfer_group } : {}),
    },
  });
}
