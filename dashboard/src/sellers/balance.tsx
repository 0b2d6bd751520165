import type { Balance as OfCurrency } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Money } from '../parts/money.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { useMay } from '../session/session.ts';
import { PayOut } from './pay-out.tsx';

const COLUMNS: readonly Column<OfCurrency>[] = [
  { label: 'Currency', cell: ({ currency }) => currency.toUpperCase() },
  ...(
    [
      ['Available', 'available'],
      ['Pending', 'pending'],
      ['Instant', 'instant_available'],
    ] as const
  ).map(([label, part]) => ({
    label,
    isNumber: true,
    cell: (row: OfCurrency) => <Money amount={{ value: row[part], currency: row.currency }} />,
  })),
];

/** What a seller has at Stripe now. */
export function Balance({ id }: { id: string }) {
  const mayAct = useMay('operator');
  const found = useOperation('getSellerBalance', { params: { id } });
  const balances = found.data?.data ?? [];
  return (
    <Section
      title="Balance"
      actions={mayAct && balances.length > 0 && <PayOut id={id} balances={balances} />}
    >
      <Known found={found}>
        {({ data }) =>
          data.length === 0 ? (
            <div className="soft">Nothing yet.</div>
          ) : (
            <Rows label="Balance" rows={data} columns={COLUMNS} keyOf={({ currency }) => currency} />
          )
        }
      </Known>
    </Section>
  );
}
