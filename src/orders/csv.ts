import type { Column } from '../http/csv.ts';
import type { OrderRow } from './order.ts';

/** The facts of an order that a cell can hold as they are. */
type Plain = {
  [Name in keyof OrderRow]: OrderRow[Name] extends string | number | boolean | null ? Name : never;
}[keyof OrderRow];

function plain(...names: Plain[]): Column<OrderRow>[] {
  return names.map((name) => ({ name, cell: (order) => order[name] }));
}

/** What the file of orders has in each line. Amounts are minor units. */
export const ORDER_COLUMNS: readonly Column<OrderRow>[] = [
  ...plain('id', 'status', 'created_at', 'paid_at', 'fulfilled_at', 'email', 'product'),
  { name: 'items', cell: ({ items }) => items.map((each) => `${each.quantity} ${each.name}`).join('; ') },
  ...plain('quantity'),
  { name: 'amount', cell: ({ amount }) => amount.value },
  { name: 'currency', cell: ({ amount }) => amount.currency },
  ...plain('refunded', 'fee', 'livemode', 'charge_type'),
  { name: 'stripe_account', cell: ({ account }) => account || null },
  ...plain('destination', 'checkout_session', 'payment_intent', 'charge', 'dispute_state', 'problem'),
  ...plain('reviewed_at'),
];
