import type { Column } from '../http/csv.ts';
import type { Revenue } from './figures.ts';

interface Line {
  date: string;
  currency: string;
  amount: number;
  payments: number;
  refunded: number;
}

/** Amounts are minor units. */
export const REVENUE_COLUMNS: readonly Column<Line>[] = [
  { name: 'date', cell: ({ date }) => date },
  { name: 'currency', cell: ({ currency }) => currency },
  { name: 'amount', cell: ({ amount }) => amount },
  { name: 'payments', cell: ({ payments }) => payments },
  { name: 'refunded', cell: ({ refunded }) => refunded },
];

/** A line for each day and currency. */
export function linesOf(days: Revenue['data']): Line[] {
  return days.flatMap(({ date, revenue }) =>
    revenue.map(({ amount, payments, refunded }) => ({
      date,
      currency: amount.currency,
      amount: amount.value,
      payments,
      refunded: refunded.value,
    })),
  );
}

/** What is short enough to be one page. */
export async function* onePage<Row>(rows: Row[]): AsyncGenerator<Row[], void> {
  yield rows;
}
