import type Stripe from 'stripe';
import { QuittanceError } from '../errors.ts';

/**
 * What a reversal took from the seller by Stripe's booking on the seller's account, in minor units of the
 * transfer's currency: the platform's fee that came back with it is counted. Throws `reversal_not_booked`
 * when Stripe has not booked it yet.
 */
export async function takenBy(
  reversal: Stripe.TransferReversal,
  account: string,
  stripe: Stripe,
): Promise<number> {
  const { destination_payment_refund: back } = reversal;
  const id = typeof back === 'string' ? back : (back?.id ?? '');
  const expand = ['balance_transaction'];
  const { balance_transaction: booking } = await stripe.refunds.retrieve(
    id,
    { expand },
    { stripeAccount: account },
  );
  if (!booking || typeof booking === 'string' || booking.amount === 0) {
    throw new QuittanceError({
      code: 'reversal_not_booked',
      message: `Stripe has not booked the reversal ${reversal.id} on ${account} yet: it is asked again.`,
    });
  }
  // An account in another currency books other figures in the same proportion; in the same one this is exact.
  return Math.round((reversal.amount * booking.net) / booking.amount);
}
