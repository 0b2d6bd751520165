import type { ReactNode } from 'react';
import { TONE_ICONS, type Tone } from './status-badge.tsx';
import { Time } from './time.tsx';

export interface Moment {
  key: string;
  at: string | number | null;
  title: ReactNode;
  tone: Tone;
  detail?: ReactNode;
}

/** What happened, one after the other. */
export function Timeline({ moments, label }: { moments: readonly Moment[]; label: string }) {
  return (
    <ol className="timeline" aria-label={label}>
      {moments.map(({ key, at, title, tone, detail }) => {
        const Icon = TONE_ICONS[tone];
        return (
          <li key={key}>
            <span className="dot" data-tone={tone}>
              <Icon size={16} aria-hidden />
            </span>
            <div>
              <strong>{title}</strong> <span className="soft">{at !== null && <Time at={at} />}</span>
            </div>
            {detail && <div>{detail}</div>}
          </li>
        );
      })}
    </ol>
  );
}
