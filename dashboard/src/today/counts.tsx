import type { ReactNode } from 'react';
import type { Today } from '../../../generated/contract.d.ts';
import { TONE_ICONS, type Tone } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { rate } from './days.ts';

/** What is to be counted, each with where it is looked after. */
export function Counts({ today }: { today: Today }) {
  const { success, next_deadline: next } = today;
  return (
    <div className="tiles small">
      <Count
        name="Success rate"
        value={success.tried > 0 ? rate(success.paid, success.tried) : '–'}
        note={`${success.paid} of the ${success.tried} orders begun today that somebody tried to pay`}
      />
      <Count
        name="Disputes open"
        value={today.disputes_open}
        tone={next ? 'bad' : 'neutral'}
        note={
          next ? (
            <>
              <To path={`/disputes/${encodeURIComponent(next.dispute)}`}>Answer the next one</To>, due{' '}
              <Time at={next.due_by} />
            </>
          ) : (
            <To path="/disputes">None waits for an answer</To>
          )
        }
      />
      <Count
        name="Orders to review"
        value={today.orders_in_review}
        tone={today.orders_in_review > 0 ? 'bad' : 'neutral'}
        note={
          <To path="/orders" query={{ status: 'review' }}>
            {today.orders_in_review > 0 ? 'Look at them' : 'Nothing to look at'}
          </To>
        }
      />
      <Count
        name="Sellers not ready"
        value={today.sellers_not_ready}
        tone={today.sellers_not_ready > 0 ? 'wait' : 'neutral'}
        note={<To path="/sellers">{today.sellers_not_ready > 0 ? 'See what is missing' : 'All can sell'}</To>}
      />
    </div>
  );
}

interface CountProps {
  name: string;
  value: ReactNode;
  note: ReactNode;
  tone?: Tone;
}

function Count({ name, value, note, tone = 'neutral' }: CountProps) {
  const Icon = TONE_ICONS[tone];
  return (
    <section className="card section">
      <h2 className="figure-name">{name}</h2>
      <div className="figure number">
        {tone !== 'neutral' && (
          <span className="tone" data-tone={tone}>
            <Icon size={22} aria-hidden />{' '}
          </span>
        )}
        {value}
      </div>
      <div className="soft">{note}</div>
    </section>
  );
}
