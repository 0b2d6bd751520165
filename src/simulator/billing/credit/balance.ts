import type Stripe from 'stripe';
import type { Metadata } from '../../contract/metadata.ts';
import type { Realm } from '../../realm.ts';

type Transaction = Stripe.CustomerBalanceTransaction;

/** One change of what a customer owes (above zero) or has to their credit (below). */
export interface BalanceChange {
  amount: number;
  currency: string;
  type: Stripe.CustomerBalanceTransaction.Type;
  description?: string | null;
  metadata?: Metadata;
  invoice?: string;
  credit_note?: string;
}

/** Changes a customer's balance and writes down why. */
export function changeBalance(realm: Realm, customer: string, change: BalanceChange): Transaction {
  const { balance, currency } = realm.need('customer', customer);
  const ending_balance = balance + change.amount;
  const transaction = realm.insert('customer_balance_transaction', {
    checkout_session: null,
    credit_note: null,
    description: null,
    invoice: null,
    metadata: {},
    ...change,
    customer,
    ending_balance,
  });
  const after = realm.change('customer', customer, {
    balance: ending_balance,
    currency: currency ?? change.currency,
  });
  if (change.amount !== 0) realm.emit('customer.updated', after, { balance });
  return transaction;
}
