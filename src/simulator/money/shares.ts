import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { badParameter } from '../server/errors.ts';
import { refundFee, shareOf } from './application-fees.ts';
import { reverseTransfer } from './reversals.ts';

/** What others than the charge's account contribute to its refund. */
interface Shares {
  /** What the platform gives back of the fee that it took of this direct charge. */
  feeBack: number;
  /** The reversal that took back what a destination charge had passed on. */
  reversal: string | null;
}

interface Refunding {
  amount: number;
  /** The id that the refund is going to have. */
  refund: string;
  params: Params;
}

/**
 * Takes their shares of a refund from those who shared in the charge, as `refund_application_fee` and
 * `reverse_transfer` ask for it; each gives in proportion.
 */
export function takeShares(realm: Realm, charge: Stripe.Charge, refunding: Refunding): Shares {
  const { amount, refund, params } = refunding;
  const whole = charge.amount_captured;
  const soFar = charge.amount_refunded - (charge.amount - whole);
  const withFee = params['refund_application_fee'] === true;
  const fee = realm.platform.get('application_fee', idOf(charge.application_fee));
  if (withFee && !fee) throw nothingToTake(charge, 'application fee', 'refund_application_fee');
  if (params['reverse_transfer'] === true) {
    const transfer = realm.get('transfer', idOf(charge.transfer));
    if (!transfer) throw nothingToTake(charge, 'associated transfer', 'reverse_transfer');
    const share = shareOf(transfer.amount, transfer.amount_reversed, amount, whole, soFar);
    const reversal =
      share > 0 ? reverseTransfer(realm, transfer, { amount: share, refundFee: withFee, refund }) : undefined;
    return { feeBack: 0, reversal: reversal?.id ?? null };
  }
  if (!withFee || !fee) return { feeBack: 0, reversal: null };
  const share = shareOf(fee.amount, fee.amount_refunded, amount, whole, soFar);
  const direct = idOf(fee.account) === realm.account;
  if (share > 0) refundFee(realm, fee, { amount: share, separate: !direct });
  return { feeBack: direct ? share : 0, reversal: null };
}

function nothingToTake(charge: Stripe.Charge, what: string, param: string): Error {
  return badParameter(`Attempting to refund the ${what} of ${charge.id}, but it does not have one.`, {
    param,
  });
}
