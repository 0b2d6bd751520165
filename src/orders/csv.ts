import type { Column } from '../http/csv.ts';
import type { OrderRow } from './order.ts';

function column(name: keyof OrderRow & string): Column<OrderRow> {
  // Lists and objects have no place in a cell; the columns below name none.
  return { name, cell: (order) => order[name] as string | number | boolean | null };
}

/** What the file of orders has in each line. Amounts are minor units. */
export const ORDER_COLUMNS: readonly Column<OrderRow>[] = [
  ...(['id', 'status', 'created_at', 'paid_at', 'fulfilled_at', 'email', 'product'] as const).map(column),
  { name: 'items', cell: ({ items }) => items.map((each) => `${each.quantity} ${each.name}`).join('; ') },
  column('quantity'),
  { name: 'amount', cell: ({ amount }) => amount.value },
  { name: 'currency', cell: ({ amount }) => amount.currency },
  ...(['refunded', 'fee', 'livemode', 'charge_type'] as const).map(column),
  { name: 'stripe_account', cell: ({ account }) => account || null },
  ...(['destination', 'checkout_session', 'payment_intent', 'charge', 'dispute_state'] as const).map(column),
  ...(['problem', 'reviewed_at'] as const).map(column),
];
