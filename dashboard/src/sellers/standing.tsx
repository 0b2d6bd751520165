import type { Missing, Seller } from '../../../generated/contract.d.ts';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { reasonInWords } from './reason.ts';

const STATUSES: Record<Seller['status'], [tone: Tone, word: string]> = {
  not_started: ['neutral', 'Not started'],
  incomplete: ['wait', 'Incomplete'],
  under_review: ['info', 'Under review'],
  restricted: ['bad', 'Restricted'],
  ready: ['good', 'Ready'],
  disconnected: ['neutral', 'Disconnected'],
};

/** The states a seller can be in, for a filter. */
export const STATUS_CHOICES = Object.entries(STATUSES).map(([value, [, label]]) => ({ value, label }));

export function SellerStatus({ status }: Pick<Seller, 'status'>) {
  const [tone, word] = STATUSES[status];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}

/** What a person calls a seller. */
export function nameOf({ name, reference }: Pick<Seller, 'name' | 'reference'>): string {
  return name ?? reference;
}

/** In a line: the first things that are missing. */
export function MissingLine({ seller: { missing, reason } }: { seller: Seller }) {
  const urgent = missing.filter(({ due }) => due !== 'later');
  const [first, second, ...rest] = urgent;
  if (!first) return <>{reason !== null ? reasonInWords(reason) : <span className="soft">Nothing</span>}</>;
  const more = rest.length > 0 ? ` and ${rest.length} more` : '';
  return <>{[first.what, second?.what].filter(Boolean).join(', ') + more}</>;
}

const DUE: Record<Missing['due'], [tone: Tone, word: string]> = {
  past: ['bad', 'Overdue'],
  now: ['wait', 'Due now'],
  later: ['neutral', 'Due later'],
};

/** What Stripe still wants of a seller, the most urgent first. */
export function MissingList({ missing }: { missing: readonly Missing[] }) {
  return (
    <ul className="plain-list">
      {missing.map(({ what, due, by, errors }) => {
        const [tone, word] = DUE[due];
        return (
          <li key={what}>
            <StatusBadge tone={tone}>{word}</StatusBadge> <strong>{what}</strong>
            {by !== null && (
              <span className="soft">
                {' '}
                by <Time at={by} isExact />
              </span>
            )}
            {errors.map((error) => (
              <div key={error} className="tone" data-tone="bad">
                {error}
              </div>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
