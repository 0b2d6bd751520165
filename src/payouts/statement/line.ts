import type Stripe from 'stripe';
import { ORDER_FIELD } from '../../orders/settle.ts';
import { categoryOf, type Category } from './category.ts';

/** One movement of money in or out of an account's balance. Amounts are in the currency's smallest unit. */
export interface Line {
  /** ISO 8601, UTC. */
  time: string;
  /** `txn_…` */
  balance_transaction: string;
  /** Stripe's word. */
  type: string;
  category: Category;
  description: string;
  /** Our order, when it is of one. */
  order: string | null;
  gross: number;
  fee: number;
  net: number;
  currency: string;
  /** The day from which it can be paid out. */
  available_on: string;
}

/** A balance transaction as a line. `orders` leads from Stripe's ids to our orders. */
export function lineOf(transaction: Stripe.BalanceTransaction, orders: ReadonlyMap<string, string>): Line {
  const {
    created,
    available_on: availableOn,
    id,
    type,
    description,
    amount,
    fee,
    net,
    currency,
  } = transaction;
  const order = idsIn(transaction).find((found) => orders.has(found));
  return {
    time: new Date(created * 1000).toISOString(),
    balance_transaction: id,
    type,
    category: categoryOf(transaction),
    description: description ?? '',
    order: (order !== undefined && orders.get(order)) || null,
    gross: amount,
    fee,
    net,
    currency,
    available_on: new Date(availableOn * 1000).toISOString().slice(0, 10),
  };
}

// The fields that lead from what moved to the payment: a refund's charge, a payment's transfer, its charge.
const LEADS = [
  'charge',
  'payment_intent',
  'source_transfer',
  'source_transaction',
  'originating_transaction',
  'transfer',
  'fee',
];
const STEPS_MAX = 4;

/** All ids by which we might know the payment that a balance transaction comes from. */
export function idsIn({ source }: Stripe.BalanceTransaction): string[] {
  const found: string[] = [];
  const look = (value: unknown, steps: number): void => {
    if (typeof value === 'string') found.push(value);
    if (typeof value !== 'object' || value === null || steps > STEPS_MAX) return;
    const object = value as Record<string, unknown>;
    look(object['id'], steps + 1);
    for (const lead of LEADS) look(object[lead], steps + 1);
    // A transfer is always the platform's own, so what its metadata says was written by us.
    const metadata = object['object'] === 'transfer' ? object['metadata'] : null;
    look((metadata as Record<string, unknown> | null)?.[ORDER_FIELD], steps + 1);
  };
  look(source, 0);
  return found;
}
