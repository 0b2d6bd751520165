import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

const STATES: Record<string, [label: string, tone: Tone]> = {
  installed: ['Installed', 'good'],
  uninstalled: ['Ended', 'wait'],
  removed: ['Data removed', 'neutral'],
};

/** For the filter. */
export const STATUS_CHOICES = Object.entries(STATES).map(([value, [label]]) => ({ value, label }));

export function InstallStatus({ status }: { status: string }) {
  const [label, tone] = STATES[status] ?? [status, 'neutral'];
  return <StatusBadge tone={tone}>{label}</StatusBadge>;
}
