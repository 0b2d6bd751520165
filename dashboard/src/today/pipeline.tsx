import type { Health } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Section } from '../parts/section.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Known } from '../parts/states.tsx';
import { TONE_ICONS } from '../parts/status-badge.tsx';
import { useNow } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { useView } from '../shell/view.ts';
import { findingsOf } from './findings.ts';

const REFRESH_MS = 5_000;

/** Whether what Stripe tells gets through, and what to do when it does not. */
export function Pipeline() {
  const { mode } = useView();
  const found = useOperation('getHealth', { query: mode }, { refreshMs: REFRESH_MS });
  return (
    <Section title="Events from Stripe">
      <Known found={found}>
        {(health) => (
          <>
            <Arrivals minutes={health.events.per_minute} />
            <Findings health={health} />
          </>
        )}
      </Known>
    </Section>
  );
}

function Arrivals({ minutes }: { minutes: Health['events']['per_minute'] }) {
  const counts = minutes.map(({ count }) => count);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts);
  return (
    <div className="head">
      <div>
        {total === 0
          ? 'None arrived in the last hour.'
          : `${total} arrived in the last hour, ${most} in its busiest minute.`}
      </div>
      {total > 0 && (
        <Sparkline label={`Events in each minute of the last hour, at most ${most}`} values={counts} />
      )}
    </div>
  );
}

function Findings({ health }: { health: Health }) {
  const now = useNow();
  return (
    <ul className="findings">
      {findingsOf(health, now).map(({ tone, text, link }) => {
        const Icon = TONE_ICONS[tone];
        return (
          <li key={text}>
            <span className="tone" data-tone={tone}>
              <Icon size={18} aria-label={TONE_WORDS[tone]} />
            </span>
            <span>
              {text}{' '}
              {link && (
                <To path={link.path} {...(link.query && { query: link.query })}>
                  {link.label}
                </To>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const TONE_WORDS = { good: 'Fine', bad: 'Wrong', wait: 'Waits', info: 'Note', neutral: 'Note' };
