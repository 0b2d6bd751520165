import type { EventChange, EventDetail } from '../../../generated/contract.d.ts';
import { Rows, type Column } from '../parts/rows.tsx';
import { Section } from '../parts/section.tsx';
import { Time } from '../parts/time.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { To } from '../parts/to.tsx';
import { toneOf } from './status.tsx';

type Failure = EventDetail['failures'][number];
type Delivery = EventDetail['repeats'][number];

const ATTEMPT_COLUMNS: readonly Column<Failure>[] = [
  { label: 'Attempt', cell: ({ attempt }) => attempt },
  { label: 'When', cell: ({ at }) => <Time at={at} isExact /> },
  { label: 'Why it failed', cell: ({ error }) => <div className="mono lines">{error}</div> },
];

/** Each attempt that failed. */
export function Attempts({ event: { failures } }: { event: EventDetail }) {
  if (failures.length === 0) return null;
  return (
    <Section title="Failed attempts">
      <Rows
        label="Each attempt that failed"
        rows={failures}
        columns={ATTEMPT_COLUMNS}
        keyOf={({ attempt, at }) => `${attempt} ${at}`}
      />
    </Section>
  );
}

const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  { label: 'When', cell: ({ at }) => <Time at={at} isExact /> },
  { label: 'Where', cell: ({ endpoint, source }) => endpoint ?? source },
  { label: 'Times', isNumber: true, cell: ({ count }) => count },
];

/** Each arrival. */
export function Deliveries({ event }: { event: EventDetail }) {
  const { received_at: at, source, endpoint, repeats, deliveries } = event;
  const known = repeats.reduce((sum, { count }) => sum + count, 1);
  return (
    <Section title="Deliveries">
      <Rows
        label="Each arrival"
        rows={[{ at, source, endpoint, count: 1 }, ...repeats]}
        columns={DELIVERY_COLUMNS}
        keyOf={(delivery) => delivery.at}
      />
      {deliveries > known && (
        <div className="soft">{deliveries - known} more came before their times were kept.</div>
      )}
    </Section>
  );
}

const KINDS: Record<EventChange['kind'], string> = {
  order: 'Order',
  refund: 'Refund',
  dispute: 'Dispute',
  fraud_warning: 'Fraud warning',
  movement: 'Movement of money',
  payout: 'Payout',
  seller: 'Seller',
  install: 'Install',
};

const CHANGE_COLUMNS: readonly Column<EventChange>[] = [
  { label: 'What', cell: ({ kind, id }) => `${KINDS[kind]} ${id}` },
  { label: 'State now', cell: ({ status }) => status.replaceAll('_', ' ') },
];

/** What of ours an event is about. */
export function Changed({ event: { changed } }: { event: EventDetail }) {
  return (
    <Section title="What it is about">
      {changed.length === 0 && <div className="soft">Nothing that is kept here.</div>}
      {changed.length > 0 && (
        <Rows
          label="Things of ours"
          rows={changed}
          columns={CHANGE_COLUMNS}
          keyOf={({ kind, id }) => `${kind} ${id}`}
          pathOf={pathOf}
        />
      )}
    </Section>
  );
}

// What has no page of its own is shown with its order.
function pathOf({ kind, id, order_id: order }: EventChange): string | null {
  if (kind === 'dispute') return `/disputes/${id}`;
  if (kind === 'seller') return `/sellers/${id}`;
  if (kind === 'install') return `/installs/${id}`;
  return order === null ? null : `/orders/${order}`;
}

/** Events of the same object and the same payment, in the order in which they came. */
export function Related({ event: { seq, related } }: { event: EventDetail }) {
  if (related.length < 2) return null;
  const moments = related.map((one) => ({
    key: String(one.seq),
    at: one.received_at,
    tone: toneOf(one.status),
    title: one.seq === seq ? `${one.type} (this one)` : <To path={`/events/${one.seq}`}>{one.type}</To>,
    detail: one.object_id && <span className="mono soft">{one.object_id}</span>,
  }));
  return (
    <Section title="Related events">
      <Timeline moments={moments} label="Related events" />
    </Section>
  );
}
