import type { RowOf } from '../api/hooks.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { formatMoney, Money } from '../parts/money.tsx';
import type { Column } from '../parts/rows.tsx';
import { Time } from '../parts/time.tsx';
import { OrderStatus, STATUS_CHOICES } from './status.tsx';

type Row = RowOf<'listOrders'>;

const FILTERS: readonly Filter[] = [
  { kind: 'search', name: 'search', label: 'Search', placeholder: 'Buyer’s address, id or amount' },
  { kind: 'choice', name: 'status', label: 'Status', choices: STATUS_CHOICES },
  { kind: 'text', name: 'product', label: 'Product', placeholder: 'coffee' },
  { kind: 'time', name: 'created_from', label: 'Ordered from' },
  { kind: 'time', name: 'created_to', label: 'Ordered before' },
];

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Order', cell: ({ items }) => namesOf(items) },
  { label: 'Amount', cell: (order) => <Paid order={order} />, isNumber: true },
  { label: 'Status', cell: ({ status }) => <OrderStatus status={status} /> },
  { label: 'Buyer', cell: ({ email }) => email ?? <span className="soft">not known</span> },
  { label: 'Ordered', cell: ({ created_at: at }) => <Time at={at} /> },
  { label: 'Id', cell: ({ id }) => <span className="mono">{id}</span>, wideOnly: true },
];

/** What was sold and is being sold. */
export default function OrdersPage() {
  return (
    <ListPage
      title="Orders"
      list="listOrders"
      exports="exportOrders"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/orders/${id}`}
      empty={{
        title: 'No orders yet.',
        text: 'An order stands here as soon as a buyer asks for a payment link or opens a payment page.',
      }}
    />
  );
}

function Paid({ order: { amount, refunded } }: { order: Row }) {
  const { currency } = amount;
  return (
    <>
      <Money amount={amount} />
      {refunded > 0 && <div className="soft">{formatMoney({ value: refunded, currency })} back</div>}
    </>
  );
}

function namesOf(items: Row['items']): string {
  return items.map(({ quantity, name }) => (quantity === 1 ? name : `${quantity} × ${name}`)).join(', ');
}
