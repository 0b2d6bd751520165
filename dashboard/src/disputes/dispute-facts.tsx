import type { Answer } from '../api/client.ts';
import { Money } from '../parts/money.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { To } from '../parts/to.tsx';

type Dispute = Answer<'getDispute'>;
type Movement = Dispute['movements'][number];

/** What is known of the dispute and its payment. */
export function Facts({ dispute }: { dispute: Dispute }) {
  const { id, account, order, order_facts: about, charge, submission_count: count } = dispute;
  return (
    <Section title="Payment">
      <KeyValue
        facts={[
          ['Disputed', <Money amount={dispute.amount} />],
          ['Order', order === null ? 'none of ours' : <To path={`/orders/${order}`}>{order}</To>],
          ['Product', about?.product],
          ['Paid', about && <Money amount={about.amount} />],
          ['Paid on', about?.paid_at && <Time at={about.paid_at} isExact />],
          ['Buyer', about?.email],
          ['Account', account && <StripeLink id={account} />],
          ['Payment', <StripeLink id={charge} account={account} />],
          ['Dispute', <StripeLink id={id} account={account} />],
          ['Bank’s reason', <span className="mono">{dispute.reason}</span>],
          ['Opened', <Time at={dispute.opened_at} isExact />],
          ['Over', dispute.closed_at && <Time at={dispute.closed_at} isExact />],
          ['Submitted', count === 0 ? 'not yet' : count === 1 ? 'once' : `${count} times`],
        ]}
      />
    </Section>
  );
}

const STATUS = { planned: 'wait', done: 'good', refused: 'bad' } as const;

const COLUMNS: readonly Column<Movement>[] = [
  {
    label: 'What',
    cell: ({ purpose }) => (purpose === 'dispute_reversal' ? 'Taken from the seller' : 'Given back'),
  },
  { label: 'Seller', cell: ({ seller }) => <To path={`/sellers/${seller}`}>{seller}</To> },
  { label: 'Amount', cell: ({ amount }) => <Money amount={amount} />, isNumber: true },
  { label: 'State', cell: ({ status }) => <StatusBadge tone={STATUS[status]}>{status}</StatusBadge> },
  { label: 'Why not', cell: ({ error }) => error ?? '' },
];

/** Money of sellers that was moved because of it. */
export function Moved({ movements }: { movements: readonly Movement[] }) {
  return (
    <Section title="Sellers’ money">
      <Rows label="Movements" rows={movements} columns={COLUMNS} keyOf={({ id }) => id} />
    </Section>
  );
}

/** What Stripe’s events are called here. */
const WORDS: Record<string, string> = {
  'charge.dispute.created': 'Opened',
  'charge.dispute.updated': 'Changed',
  'charge.dispute.closed': 'Over',
  'charge.dispute.funds_withdrawn': 'The money was taken',
  'charge.dispute.funds_reinstated': 'The money came back',
};

/** What Stripe told of it. */
export function Events({ events }: { events: Dispute['events'] }) {
  return (
    <Section title="What happened">
      {events.length === 0 ? (
        <Empty title="Stripe has told nothing of it yet." />
      ) : (
        <Timeline
          label="What happened"
          moments={events.map(({ id, type, created, received_at: received }) => ({
            key: id,
            at: created ?? received,
            title: WORDS[type.replace(/^v1\./, '')] ?? type,
            tone: 'neutral',
            detail: <To path={`/events/${id}`}>{type}</To>,
          }))}
        />
      )}
    </Section>
  );
}
