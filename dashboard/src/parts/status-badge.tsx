import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconClock,
  IconInfoCircle,
} from '@tabler/icons-react';

/** How things stand: in order, in trouble, waiting, worth knowing, neither. */
export type Tone = 'good' | 'bad' | 'wait' | 'info' | 'neutral';

export const TONE_ICONS = {
  good: IconCircleCheck,
  bad: IconAlertTriangle,
  wait: IconClock,
  info: IconInfoCircle,
  neutral: IconCircleMinus,
} as const;

/** A state in a word, with an icon and a colour. */
export function StatusBadge({ tone, children }: { tone: Tone; children: string }) {
  const Icon = TONE_ICONS[tone];
  return (
    <span className="status" data-tone={tone}>
      <Icon size={14} aria-hidden />
      {children}
    </span>
  );
}
