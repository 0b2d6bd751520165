import type { Seller } from '../../../generated/contract.d.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { Time } from '../parts/time.tsx';
import { MissingLine, nameOf, SellerStatus, STATUS_CHOICES } from './standing.tsx';

const FILTERS: readonly Filter[] = [
  {
    kind: 'search',
    name: 'search',
    label: 'Search',
    placeholder: 'Name, e-mail, reference, id, account',
  },
  { kind: 'choice', name: 'status', label: 'State', choices: STATUS_CHOICES },
];

const COLUMNS: readonly Column<Seller>[] = [
  { label: 'Seller', cell: nameOf },
  { label: 'State', cell: SellerStatus },
  { label: 'Missing', cell: (seller) => <MissingLine seller={seller} /> },
  { label: 'Reference', cell: ({ reference }) => reference, wideOnly: true },
  {
    label: 'Account',
    cell: ({ account }) => account && <span className="mono">{account}</span>,
    wideOnly: true,
  },
  { label: 'Country', cell: ({ country }) => country, wideOnly: true },
  { label: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
];

export default function SellersPage() {
  return (
    <ListPage
      title="Sellers"
      list="listSellers"
      exports="exportSellers"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/sellers/${id}`}
      empty={{
        title: 'There are no sellers in this mode.',
        text: (
          <>
            Take one on with <code>POST /api/connect/sellers</code>; they show up here at once.
          </>
        ),
      }}
    />
  );
}
