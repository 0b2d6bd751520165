import type Stripe from 'stripe';
import { accountOf } from '../connect/directory.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { collectFee } from './application-fees.ts';
import { makeTransfer } from './transfers.ts';

/** What the platform takes of a direct charge: no more than was captured. */
export function directFee(realm: Realm, charge: Stripe.Charge): number {
  if (realm.account === realm.engine.settings.account) return 0;
  return Math.min(charge.application_fee_amount ?? 0, charge.amount_captured);
}

/**
 * What follows from a charge's booking under Connect: the platform's fee of a direct charge, or the
 * transfer of a
 * destination charge. Returns what this changes about the charge.
 */
export function afterBooking(
  realm: Realm,
  charge: Stripe.Charge,
  booked: Stripe.BalanceTransaction,
): Partial<Stripe.Charge> {
  const availableOn = booked.available_on;
  const amount = directFee(realm, charge);
  if (amount > 0) {
    const fee = collectFee(realm, { amount, charge, account: realm.account, originating: null, availableOn });
    return { application_fee: fee.id, application_fee_amount: amount };
  }
  const destination = idOf(charge.transfer_data?.destination);
  if (destination === null || !accountOf(realm, destination)) return {};
  const fixed = charge.transfer_data?.amount ?? null;
  const fee = Math.min(charge.application_fee_amount ?? 0, charge.amount_captured);
  const transfer = makeTransfer(realm, {
    amount: Math.min(fixed ?? charge.amount_captured, charge.amount_captured),
    currency: charge.currency,
    destination,
    source: charge,
    availableOn,
    group: charge.transfer_group,
    applicationFee: fixed === null ? fee : 0,
  });
  const payment = realm.as(destination).get('charge', idOf(transfer.destination_payment));
  const taken = idOf(payment?.application_fee);
  return {
    transfer: transfer.id,
    ...(taken !== null && { application_fee: taken, application_fee_amount: fee }),
  };
}
