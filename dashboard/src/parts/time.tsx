import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

const TICK_MS = 10_000;
// The time on the screen is up to one tick behind, so what has just happened seems to lie ahead.
const JUST_NOW_SECONDS = 10;
const STEPS: readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [86_400 * 365, 'year'],
  [86_400 * 30, 'month'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const short = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const NowContext = createContext(0);

/** One clock for all times on the screen. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
}

/** The time now, to ten seconds. */
export function useNow(): number {
  return useContext(NowContext);
}

/** A time: how long ago or how soon, and exactly when on pointing; `isExact` turns that round. */
export function Time({ at, isExact = false }: { at: string | number | null; isExact?: boolean }) {
  const now = useNow();
  if (at === null) return <span className="soft">never</span>;
  const date = new Date(at);
  const [shown, pointed] = isExact
    ? [short.format(date), ago(date.getTime(), now)]
    : [ago(date.getTime(), now), exact.format(date)];
  return (
    <time dateTime={date.toISOString()} title={pointed} className="number">
      {shown}
    </time>
  );
}

/** `3 minutes ago`, `in 2 days`. */
export function ago(time: number, now: number): string {
  const seconds = Math.round((time - now) / 1000);
  const step = STEPS.find(([size]) => Math.abs(seconds) >= size);
  if (step) return relative.format(Math.trunc(seconds / step[0]), step[1]);
  if (Math.abs(seconds) <= JUST_NOW_SECONDS) return 'just now';
  return seconds > 0 ? 'in less than a minute' : 'less than a minute ago';
}
