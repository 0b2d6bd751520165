import type { Money } from '../money.ts';

/**
 * Where a payout stands, in Stripe's words. `paid` is what Stripe expects of the bank: days later it can
 * still become `failed`, and the money is back in the seller's balance.
 */
export type PayoutStatus = 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';

export const PAYOUT_STATUSES = ['pending', 'in_transit', 'paid', 'failed', 'canceled'] as const;

/** A payout as the API answers it. Times are ISO 8601. */
export interface Payout {
  id: string;
  /** Ours: `sel_…`. Null for a payout of the platform itself. */
  seller: string | null;
  /** Negative when it takes an earlier payout back from the bank. */
  amount: Money;
  status: PayoutStatus;
  method: string;
  /** Made by the schedule, not by a request. */
  automatic: boolean;
  arrival_date: string | null;
  /** Of a failed one: Stripe's code, its words, and what is to be done. */
  failure: { code: string; message: string; advice: string } | null;
  created_at: string;
}

/** A payout as it is kept. */
export interface PayoutRow {
  id: string;
  account: string;
  livemode: boolean;
  seller: string | null;
  amount: number;
  currency: string;
  status: PayoutStatus;
  method: string;
  automatic: boolean;
  arrival_date: string | null;
  failure_code: string | null;
  failure_message: string | null;
  created_at: string;
}

export function publicPayout(row: PayoutRow): Payout {
  const { id, seller, amount, currency, status, method, automatic, arrival_date, created_at } = row;
  return {
    id,
    seller,
    amount: { value: amount, currency },
    status,
    method,
    automatic,
    arrival_date,
    failure: failureOf(row),
    created_at,
  };
}

function failureOf({ status, failure_code, failure_message }: PayoutRow): Payout['failure'] {
  if (status !== 'failed') return null;
  const code = failure_code ?? 'unknown';
  return { code, message: failure_message ?? 'The bank returned the payout.', advice: adviceFor(code) };
}

const MENDED =
  ' The money is back in the balance. Stripe pays nothing more to that bank account until it is corrected ' +
  'or replaced on Stripe’s pages; then ask for the payout again.';

// docs.stripe.com/api/payouts/failures
const ADVICE: Record<string, string> = {
  account_closed: 'The seller has to give another bank account: this one is closed.',
  account_frozen: 'The seller has to ask the bank, or give another account: this one is frozen.',
  bank_account_restricted: 'The seller has to ask the bank: the account takes no such payments.',
  bank_ownership_changed: 'The seller has to confirm the bank account again.',
  could_not_process: 'The bank could not take it; the seller should check the account with the bank.',
  debit_not_authorized: 'The seller has to allow debits at the bank, or give another account.',
  declined: 'The bank declined; the seller has to ask it why.',
  incorrect_account_holder_name: 'The seller has to correct the name of the account’s holder.',
  insufficient_funds: 'The bank account lacks the money that Stripe had to take from it.',
  invalid_account_number: 'The seller has to correct the account number.',
  invalid_currency: 'The seller has to give a bank account that takes this currency.',
  no_account: 'The seller has to correct the account: the bank knows none of that number.',
};

/** What is to be done about a payout that failed with this code. */
export function adviceFor(code: string): string {
  return `${ADVICE[code] ?? 'The seller should check the bank account with the bank.'}${MENDED}`;
}
