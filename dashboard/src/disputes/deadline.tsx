import { StatusBadge } from '../parts/status-badge.tsx';
import { ago, Time, useNow } from '../parts/time.tsx';

const DAY_MS = 24 * 3_600_000;
const SOON_MS = 3 * DAY_MS;

/** Until when the bank waits for an answer; nothing once it does not. */
export function Deadline({ due, status }: { due: string | null; status: string }) {
  const now = useNow();
  if (due === null || !isUnanswered(status)) return <span className="soft">–</span>;
  const left = Date.parse(due) - now;
  if (left > SOON_MS) return <Time at={due} />;
  return <StatusBadge tone="bad">{left > 0 ? ago(Date.parse(due), now) : 'too late'}</StatusBadge>;
}

function isUnanswered(status: string): boolean {
  return status.endsWith('needs_response');
}
