import type Stripe from 'stripe';

/** What a line of a statement is, in the words of somebody who keeps books. */
export const CATEGORIES = [
  'charges',
  'fees',
  'refunds',
  'disputes',
  'transfers',
  'payouts',
  'other',
  // Of a balance beside that of payments (Issuing, reserves); it is not in the opening and closing balance.
  'other_balance',
] as const;

export type Category = (typeof CATEGORIES)[number];

// docs.stripe.com/reports/reporting-categories
const BY_REPORTING_CATEGORY: Record<string, Category> = {
  charge: 'charges',
  charge_failure: 'charges',
  partial_capture_reversal: 'charges',
  fee: 'fees',
  network_cost: 'fees',
  platform_earning: 'fees',
  platform_earning_refund: 'fees',
  tax: 'fees',
  refund: 'refunds',
  refund_failure: 'refunds',
  dispute: 'disputes',
  dispute_reversal: 'disputes',
  transfer: 'transfers',
  transfer_reversal: 'transfers',
  connect_collection_transfer: 'transfers',
  payout: 'payouts',
  payout_reversal: 'payouts',
  payout_minimum_balance_hold: 'payouts',
  payout_minimum_balance_release: 'payouts',
};

/** The category of a balance transaction; what Stripe may add some day is `other`. */
export function categoryOf(transaction: Stripe.BalanceTransaction): Category {
  if (!isOfPayments(transaction)) return 'other_balance';
  return BY_REPORTING_CATEGORY[transaction.reporting_category] ?? 'other';
}

/** Is it of the balance that payments go into, and payouts come from? */
export function isOfPayments({ balance_type: type }: Stripe.BalanceTransaction): boolean {
  return type === undefined || type === 'payments';
}
