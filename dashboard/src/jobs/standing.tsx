import type { Job } from '../../../generated/contract.d.ts';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';

export type JobState = Job['state'];

export const STATE_WORDS: Record<JobState, { tone: Tone; label: string }> = {
  queued: { tone: 'neutral', label: 'Queued' },
  running: { tone: 'info', label: 'Running' },
  retrying: { tone: 'wait', label: 'Retrying' },
  failed: { tone: 'bad', label: 'Failed' },
};

export function JobStatus({ state }: { state: JobState }) {
  const { tone, label } = STATE_WORDS[state];
  return <StatusBadge tone={tone}>{label}</StatusBadge>;
}

/** When it runs, or since when it does. */
export function JobTime({ state, run_at: runAt, started_at: startedAt }: Job) {
  if (state === 'running') return <Time at={startedAt} />;
  return state === 'failed' ? <span className="soft">never again</span> : <Time at={runAt} />;
}
