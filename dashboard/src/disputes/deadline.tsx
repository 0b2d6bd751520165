import { StatusBadge } from '../parts/status-badge.tsx';
import { ago, Time, useNow } from '../parts/time.tsx';

const DAY_MS = 24 * 3_600_000;
const SOON_MS = 3 * DAY_MS;

/** Until when an answer has to be there, while one is asked for. */
export function Deadline({ due, isOpen }: { due: string | null; isOpen: boolean }) {
  const now = useNow();
  if (due === null) return <span className="soft">–</span>;
  if (!isOpen) return <Time at={due} isExact />;
  const left = Date.parse(due) - now;
  if (left > SOON_MS) return <Time at={due} />;
  return <StatusBadge tone="bad">{left > 0 ? ago(Date.parse(due), now) : 'too late'}</StatusBadge>;
}
