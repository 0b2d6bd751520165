import { useOperation, type RowOf } from '../api/hooks.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { formatMoney, Money } from '../parts/money.tsx';
import type { Column } from '../parts/rows.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { useView } from '../shell/view.ts';
import { Deadline } from './deadline.tsx';
import { DisputeStatus, STATUS_CHOICES } from './standing.tsx';

type Row = RowOf<'listDisputes'>;

const FILTERS: readonly Filter[] = [
  { kind: 'text', name: 'order', label: 'Order', placeholder: 'ord_…' },
  {
    kind: 'choice',
    name: 'unanswered',
    label: 'Answer',
    choices: [
      { value: 'true', label: 'To be answered' },
      { value: 'false', label: 'Nothing to answer' },
    ],
  },
  { kind: 'choice', name: 'status', label: 'Status', choices: STATUS_CHOICES },
  { kind: 'time', name: 'due_before', label: 'Due before' },
  {
    kind: 'choice',
    name: 'sort',
    label: 'Sorted by',
    none: 'Newest first',
    choices: [{ value: 'deadline', label: 'Nearest deadline first' }],
  },
];

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Amount', cell: ({ amount }) => <Money amount={amount} />, isNumber: true },
  { label: 'Status', cell: ({ status }) => <DisputeStatus status={status} /> },
  {
    label: 'Answer by',
    cell: ({ evidence_due_by: due, status }) => <Deadline due={due} status={status} />,
  },
  { label: 'Reason', cell: ({ reason_words: words }) => words },
  {
    label: 'Order',
    cell: ({ order }) =>
      order === null ? (
        <span className="soft">none of ours</span>
      ) : (
        <To path={`/orders/${order}`}>{order}</To>
      ),
  },
  { label: 'Opened', cell: ({ opened_at: at }) => <Time at={at} />, wideOnly: true },
];

/** Disputes, and what has to be answered next. */
export default function DisputesPage() {
  return (
    <ListPage
      title="Disputes"
      list="listDisputes"
      exports="exportDisputes"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/disputes/${id}`}
      empty={{
        title: 'No disputes.',
        text: 'When a buyer’s bank takes a payment back, or asks about it, it stands here with its deadline.',
      }}
    >
      <NextToAnswer />
    </ListPage>
  );
}

function NextToAnswer() {
  const { query } = useView();
  const nearest = { ...query, unanswered: true, sort: 'deadline', limit: 1 } as const;
  const [next] = useOperation('listDisputes', { query: nearest }).data?.data ?? [];
  if (!next) return null;
  return (
    <div className="notice" data-tone="wait">
      <div>
        Next to answer: {formatMoney(next.amount)},{' '}
        <Deadline due={next.evidence_due_by} status={next.status} />
      </div>
      <To path={`/disputes/${next.id}`}>Answer it</To>
    </div>
  );
}
