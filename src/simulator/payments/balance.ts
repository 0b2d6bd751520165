import type Stripe from 'stripe';
import { accountOf, APPLICATION_ID } from '../connect/directory.ts';
import { idOf } from '../kinds.ts';
import { payableOn, post, stripeFee } from '../money/post.ts';
import type { Realm } from '../realm.ts';

type FeeDetail = Stripe.BalanceTransaction.FeeDetail;

/** What a card costs in the United States: 2.9 % and 30 cents. Other countries' prices are not simulated. */
const FEE_PERCENT = 2.9;
const FEE_FIXED = 30;
const DISPUTE_FEE = 1_500;

/** Books the income of a captured charge; `applicationFee` is what the platform takes of a direct charge. */
export function bookCharge(
  realm: Realm,
  charge: Stripe.Charge,
  { availableAtOnce, applicationFee }: { availableAtOnce: boolean; applicationFee: number },
): Stripe.BalanceTransaction {
  const { amount_captured: amount, currency, id, description } = charge;
  const fee = Math.round((amount * FEE_PERCENT) / 100) + FEE_FIXED;
  const own = paysFees(realm);
  const availableOn = availableAtOnce ? realm.now : payableOn(realm);
  const transaction = post(realm, {
    type: isCard(charge) ? 'charge' : 'payment',
    amount,
    currency,
    fees: [...applicationFeeLine(applicationFee, currency), ...(own ? stripeFee(fee, currency) : [])],
    source: id,
    description,
    availableOn,
    category: 'charge',
  });
  if (!own)
    post(realm.platform, {
      type: 'stripe_fee',
      amount: -fee,
      currency,
      source: null,
      description: `Stripe processing fees for ${id} of ${realm.account}`,
      availableOn,
      category: 'fee',
    });
  return transaction;
}

/** The platform's share as a line of a transaction's fees; negative when it gives the share back. */
export function applicationFeeLine(amount: number, currency: string): FeeDetail[] {
  const description = 'Quittance simulator application fee';
  return amount === 0
    ? []
    : [{ amount, application: APPLICATION_ID, currency, description, type: 'application_fee' }];
}

/** Books the money that a refund takes; Stripe keeps its fee, the platform may give back its own. */
export function bookRefund(
  realm: Realm,
  refund: Stripe.Refund,
  charge: Stripe.Charge,
  feeBack: number,
): string {
  return post(realm, {
    type: isCard(charge) ? 'refund' : 'payment_refund',
    amount: -refund.amount,
    currency: refund.currency,
    fees: applicationFeeLine(-feeBack, refund.currency),
    source: refund.id,
    description: charge.description && `REFUND FOR CHARGE (${charge.description})`,
    ...whenBooked(realm, charge),
    category: 'refund',
  }).id;
}

/** Books the money that a failed refund brings back. */
export function bookFailedRefund(realm: Realm, refund: Stripe.Refund): string {
  return post(realm, {
    type: 'refund_failure',
    amount: refund.amount,
    currency: refund.currency,
    source: refund.id,
    description: 'REFUND FAILED',
    category: 'refund_failure',
  }).id;
}

/** Books what a dispute takes away, fee included, or gives back when it was won. */
export function bookDispute(realm: Realm, dispute: Stripe.Dispute, won: boolean): string {
  const { amount, currency } = dispute;
  const charge = idOf(dispute.charge);
  return post(realm, {
    type: 'adjustment',
    amount: won ? amount : -amount,
    currency,
    fees: stripeFee(won ? -DISPUTE_FEE : DISPUTE_FEE, currency, 'Dispute fee'),
    source: dispute.id,
    description: won ? `Chargeback reversal for ${charge}` : `Chargeback withdrawal for ${charge}`,
    category: won ? 'dispute_reversal' : 'dispute',
  }).id;
}

/** What goes back of money that is not there yet is not there yet either. */
export function whenBooked(realm: Realm, charge: Stripe.Charge): { availableOn?: number } {
  const booked = realm.get('balance_transaction', idOf(charge.balance_transaction));
  return booked ? { availableOn: booked.available_on } : {};
}

/** Is it this account that Stripe takes its fees from, and not the platform? */
function paysFees(realm: Realm): boolean {
  const payer = accountOf(realm, realm.account)?.controller?.fees?.payer;
  return payer === undefined || payer === 'account';
}

function isCard(charge: Stripe.Charge): boolean {
  return charge.payment_method_details?.type === 'card';
}
