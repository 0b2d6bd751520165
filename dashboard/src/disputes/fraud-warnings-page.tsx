import type { RowOf } from '../api/hooks.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';

type Row = RowOf<'listFraudWarnings'>;

/** docs.stripe.com/api/radar/early_fraud_warnings/object, `fraud_type`. */
const TYPES: Record<string, string> = {
  card_never_received: 'Card never arrived at its owner',
  fraudulent_card_application: 'Card was applied for in a false name',
  made_with_counterfeit_card: 'Counterfeit card',
  made_with_lost_card: 'Lost card',
  made_with_stolen_card: 'Stolen card',
  misc: 'Other fraud',
  unauthorized_use_of_card: 'Card used without its owner’s leave',
};

const FILTERS: readonly Filter[] = [
  { kind: 'text', name: 'order', label: 'Order', placeholder: 'ord_…' },
  {
    kind: 'choice',
    name: 'actionable',
    label: 'To do',
    choices: [
      { value: 'true', label: 'A refund still helps' },
      { value: 'false', label: 'Nothing left to do' },
    ],
  },
];

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Order', cell: ({ order }) => order ?? 'none of ours' },
  { label: 'What the bank says', cell: ({ fraud_type: type }) => TYPES[type] ?? type },
  {
    label: 'To do',
    cell: ({ actionable }) =>
      actionable ? (
        <StatusBadge tone="bad">Refund it</StatusBadge>
      ) : (
        <StatusBadge tone="neutral">Nothing left to do</StatusBadge>
      ),
  },
  { label: 'Payment', cell: ({ charge, account }) => <StripeLink id={charge} account={account} /> },
  { label: 'Reported', cell: ({ created_at: at }) => <Time at={at} /> },
];

/** Payments that banks report as fraud: a refund in time saves the dispute and its fee. */
export default function FraudWarningsPage() {
  return (
    <ListPage
      title="Fraud warnings"
      list="listFraudWarnings"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ order }) => (order === null ? null : `/orders/${order}`)}
      empty={{
        title: 'No fraud warnings.',
        text: 'A payment that a bank reports as fraud stands here: refund it before a dispute comes.',
      }}
    />
  );
}
