import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';

/** What a card costs in the United States: 2.9 % and 30 cents. Other countries' prices are not simulated. */
const FEE_PERCENT = 2.9;
const FEE_FIXED = 30;
const DISPUTE_FEE = 1_500;

/** From payment to payable: two days, and then the beginning of a day in UTC. */
const PENDING_DAYS = 2;
const DAY_SECONDS = 24 * 3600;

interface Posting {
  type: Stripe.BalanceTransaction.Type;
  amount: number;
  currency: string;
  fee: number;
  source: string;
  description: string | null;
  availableAtOnce: boolean;
  category: string;
}

/** What Stripe keeps of a payment of this amount. */
function feeOf(amount: number): number {
  return Math.round((amount * FEE_PERCENT) / 100) + FEE_FIXED;
}

/** Books the income of a captured charge. */
export function bookCharge(realm: Realm, charge: Stripe.Charge, availableAtOnce: boolean): string {
  const { amount_captured: amount, currency, id, description } = charge;
  const card = charge.payment_method_details?.type === 'card';
  return post(realm, {
    type: card ? 'charge' : 'payment',
    amount,
    currency,
    fee: feeOf(amount),
    source: id,
    description,
    availableAtOnce,
    category: 'charge',
  });
}

/** Books the money that a refund takes; Stripe keeps its fee. */
export function bookRefund(realm: Realm, refund: Stripe.Refund, charge: Stripe.Charge): string {
  const card = charge.payment_method_details?.type === 'card';
  return post(realm, {
    type: card ? 'refund' : 'payment_refund',
    amount: -refund.amount,
    currency: refund.currency,
    fee: 0,
    source: refund.id,
    description: charge.description && `REFUND FOR CHARGE (${charge.description})`,
    availableAtOnce: false,
    category: 'refund',
  });
}

/** Books the money that a failed refund brings back. */
export function bookFailedRefund(realm: Realm, refund: Stripe.Refund): string {
  return post(realm, {
    type: 'refund_failure',
    amount: refund.amount,
    currency: refund.currency,
    fee: 0,
    source: refund.id,
    description: 'REFUND FAILED',
    availableAtOnce: true,
    category: 'refund_failure',
  });
}

/** Books what a dispute takes away, fee included, or gives back when it was won. */
export function bookDispute(realm: Realm, dispute: Stripe.Dispute, won: boolean): string {
  return post(realm, {
    type: 'adjustment',
    amount: won ? dispute.amount : -dispute.amount,
    currency: dispute.currency,
    fee: won ? -DISPUTE_FEE : DISPUTE_FEE,
    source: dispute.id,
    description: won
      ? `Chargeback reversal for ${idOf(dispute.charge)}`
      : `Chargeback withdrawal for ${idOf(dispute.charge)}`,
    availableAtOnce: true,
    category: won ? 'dispute_reversal' : 'dispute',
  });
}

/**
 * `pending` until the day the money is available; worked out whenever it is shown, so that time needs no
 * task.
 */
export function statusNow(transaction: Stripe.BalanceTransaction, now: number): 'available' | 'pending' {
  return transaction.available_on <= now ? 'available' : 'pending';
}

function post(realm: Realm, posting: Posting): string {
  const { type, amount, currency, fee, source, description, availableAtOnce, category } = posting;
  const payable = Math.ceil(realm.now / DAY_SECONDS + PENDING_DAYS) * DAY_SECONDS;
  const transaction = realm.insert('balance_transaction', {
    amount,
    available_on: availableAtOnce ? realm.now : payable,
    balance_type: 'payments',
    currency,
    description,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [feeDetail(fee, currency, type)],
    net: amount - fee,
    reporting_category: category,
    source,
    status: availableAtOnce ? 'available' : 'pending',
    type,
  });
  return transaction.id;
}

function feeDetail(amount: number, currency: string, type: string): Stripe.BalanceTransaction.FeeDetail {
  const description = type === 'adjustment' ? 'Dispute fee' : 'Stripe processing fees';
  return { amount, application: null, currency, description, type: 'stripe_fee' };
}
