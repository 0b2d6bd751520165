import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { addToPurse } from './ledger.ts';
import { settingsOf } from './settings.ts';
import { planPayout } from './schedule.ts';

type FeeDetail = Stripe.BalanceTransaction.FeeDetail;

/** One movement of money in or out of one account's balance. */
export interface Posting {
  type: Stripe.BalanceTransaction.Type;
  /** Before fees; what leaves is negative. */
  amount: number;
  currency: string;
  fees?: readonly FeeDetail[];
  source: string | null;
  description: string | null;
  /** When the money can be paid out, in Unix seconds; left out means at once. */
  availableOn?: number;
  /** Stripe's reporting category: see docs.stripe.com/reports/reporting-categories. */
  category: string;
}

const DAY_SECONDS = 24 * 3600;

/** Income; when it is available at once, that is news. */
const EARNINGS = new Set<Posting['type']>(['charge', 'payment', 'topup']);

/**
 * Books a movement: one balance transaction, and the running sums with it. Everything that moves money in the
 * simulator comes through here, so that transactions and balances can't disagree.
 */
export function post(realm: Realm, posting: Posting): Stripe.BalanceTransaction {
  const { type, amount, currency, fees = [], source, description, category } = posting;
  const fee = fees.reduce((sum, each) => sum + each.amount, 0);
  const availableOn = Math.max(posting.availableOn ?? realm.now, realm.now);
  const transaction = realm.insert(
    'balance_transaction',
    {
      amount,
      available_on: availableOn,
      balance_type: 'payments',
      currency,
      description,
      exchange_rate: null,
      fee,
      fee_details: [...fees],
      net: amount - fee,
      reporting_category: category,
      source,
      status: availableOn <= realm.now ? 'available' : 'pending',
      type,
    },
    { payout: NOT_PAID_OUT },
  );
  const kept = type === 'stripe_fee' ? fee - amount : fee;
  const { firstOfItsTime, waiting } = addToPurse(realm, {
    currency,
    net: amount - fee,
    fee: kept,
    availableOn,
  });
  const earned = EARNINGS.has(type) && availableOn <= realm.now;
  if (firstOfItsTime || earned) realm.later('funds.available', currency, availableOn - realm.now);
  if (waiting) realm.later('refund.fund', currency, 0);
  if (amount > fee) planPayout(realm, availableOn);
  return transaction;
}

/** How a transaction is marked, out of sight, until an automatic payout takes it along. */
export const NOT_PAID_OUT = 'not_yet';

/** When a payment of today can be paid out: after the account's delay, at the beginning of a day in UTC. */
export function payableOn(realm: Realm): number {
  const { delay_days } = settingsOf(realm);
  return Math.ceil(realm.now / DAY_SECONDS + delay_days) * DAY_SECONDS;
}

/** What Stripe keeps, as a line of a transaction's fees; none for nothing. */
export function stripeFee(
  amount: number,
  currency: string,
  description = 'Stripe processing fees',
): FeeDetail[] {
  return amount === 0 ? [] : [{ amount, application: null, currency, description, type: 'stripe_fee' }];
}

/**
 * `pending` until the day the money is available; worked out whenever it is shown, so that time needs no
 * task.
 */
export function statusNow(transaction: Stripe.BalanceTransaction, now: number): 'available' | 'pending' {
  return transaction.available_on <= now ? 'available' : 'pending';
}
