import type { Payout } from '../../../generated/contract.d.ts';
import { useList } from '../api/hooks.ts';
import { More } from '../parts/list-page.tsx';
import { Money } from '../parts/money.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { Section } from '../parts/section.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';

const TONES: Record<Payout['status'], Tone> = {
  pending: 'wait',
  in_transit: 'info',
  paid: 'good',
  failed: 'bad',
  canceled: 'neutral',
};

const WORDS: Record<Payout['status'], string> = {
  pending: 'Pending',
  in_transit: 'On its way',
  paid: 'Paid',
  failed: 'Failed',
  canceled: 'Canceled',
};

/** What was paid out to a seller's bank. */
export function Payouts({ id, account }: { id: string; account: string }) {
  const list = useList('listSellerPayouts', { params: { id } });
  const columns: readonly Column<Payout>[] = [
    { label: 'Payout', cell: (payout) => <StripeLink id={payout.id} account={account} /> },
    { label: 'State', cell: ({ status }) => <StatusBadge tone={TONES[status]}>{WORDS[status]}</StatusBadge> },
    { label: 'Amount', isNumber: true, cell: ({ amount }) => <Money amount={amount} /> },
    { label: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
    { label: 'Made by', cell: ({ automatic }) => (automatic ? 'Schedule' : 'Request'), wideOnly: true },
    { label: 'Why it failed', cell: ({ failure }) => failure && `${failure.message} ${failure.advice}` },
  ];
  return (
    <Section title="Payouts">
      {list.first?.stale && (
        <div className="notice" data-tone="wait">
          <div>Stripe does not answer: this is what it last said.</div>
        </div>
      )}
      {list.problem && <Failure problem={list.problem} again={list.again} />}
      {list.isLoading && <Loading lines={3} />}
      {!list.problem && !list.isLoading && list.rows.length === 0 && <div className="soft">None yet.</div>}
      {list.rows.length > 0 && (
        <Rows label="Payouts" rows={list.rows} columns={columns} keyOf={(row) => row.id} />
      )}
      <More list={list} />
    </Section>
  );
}
