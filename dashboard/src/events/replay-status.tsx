import type { ReplayRun } from '../../../generated/contract.d.ts';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

const STATES: Record<ReplayRun['status'], { word: string; tone: Tone }> = {
  running: { word: 'Running', tone: 'info' },
  done: { word: 'Done', tone: 'good' },
  canceled: { word: 'Stopped', tone: 'neutral' },
};

export function ReplayStatus({ status }: Pick<ReplayRun, 'status'>) {
  const { word, tone } = STATES[status];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}

/** How many events a replay has seen to. */
export function seenOf({ queued, skipped }: Pick<ReplayRun, 'queued' | 'skipped'>): number {
  return queued + Object.values(skipped).reduce((sum, count) => sum + count, 0);
}
