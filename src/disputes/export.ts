import type { Sql } from '../db/sql.ts';
import { csvResponse, type Column } from '../http/csv.ts';
import { pagesOf, type Place } from '../http/pages.ts';
import { publicDispute, type Dispute } from './dispute.ts';
import { disputesByTime, type DisputeFilter } from './list-rows.ts';

const COLUMNS: readonly Column<Dispute>[] = [
  { name: 'id', cell: ({ id }) => id },
  { name: 'account', cell: ({ account }) => account },
  { name: 'livemode', cell: ({ livemode }) => livemode },
  { name: 'order', cell: ({ order }) => order },
  { name: 'charge', cell: ({ charge }) => charge },
  { name: 'payment_intent', cell: ({ payment_intent: intent }) => intent },
  { name: 'amount', cell: ({ amount }) => amount.value },
  { name: 'currency', cell: ({ amount }) => amount.currency },
  { name: 'reason', cell: ({ reason }) => reason },
  { name: 'status', cell: ({ status }) => status },
  { name: 'inquiry', cell: ({ inquiry }) => inquiry },
  { name: 'evidence_due_by', cell: ({ evidence_due_by: due }) => due },
  { name: 'submission_count', cell: ({ submission_count: count }) => count },
  { name: 'opened_at', cell: ({ opened_at: at }) => at },
  { name: 'closed_at', cell: ({ closed_at: at }) => at },
];

/** Disputes as CSV, the latest first. Amounts are in minor units. */
export function exportDisputes(sql: Sql, filter: Omit<DisputeFilter, 'after' | 'limit'>): Response {
  const read = async (page: Place<string>): Promise<Dispute[]> =>
    (await disputesByTime(sql, { ...filter, ...page })).map(publicDispute);
  return csvResponse(
    'disputes',
    COLUMNS,
    pagesOf(read, ({ id }) => id),
  );
}
