import { useEffect, useState } from 'react';

const TICK_MS = 500;

/** Counts down from as many seconds as it is started with. */
export function useCountdown(): [secondsLeft: number, start: (seconds: number) => void] {
  const [{ until, now }, set] = useState({ until: 0, now: 0 });
  const isRunning = until > now;
  useEffect(() => {
    if (!isRunning) return undefined;
    const tick = (): void => set((before) => ({ ...before, now: Date.now() }));
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const start = (seconds: number): void => set({ until: Date.now() + seconds * 1000, now: Date.now() });
  return [Math.max(0, Math.ceil((until - now) / 1000)), start];
}
