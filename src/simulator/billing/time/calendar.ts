/** The units in which prices recur. */
export type Interval = 'day' | 'week' | 'month' | 'year';

/** A stretch of time in Unix seconds; the end is not part of it. */
export interface Period {
  start: number;
  end: number;
}

/** How often something recurs. */
export interface Cadence {
  interval: Interval;
  interval_count: number;
}

export const DAY_SECONDS = 24 * 3600;

const FIXED_SECONDS: Readonly<Partial<Record<Interval, number>>> = {
  day: DAY_SECONDS,
  week: 7 * DAY_SECONDS,
};

/**
 * `count` intervals after `anchor`, in UTC. Months keep the anchor's day where they have it and end on their
 * last one otherwise: from 31 January it goes to 28 February and on to 31 March.
 */
export function addIntervals(anchor: number, interval: Interval, count: number): number {
  const fixed = FIXED_SECONDS[interval];
  if (fixed !== undefined) return anchor + fixed * count;
  const from = new Date(anchor * 1000);
  const months = from.getUTCMonth() + count * (interval === 'year' ? 12 : 1);
  const last = new Date(Date.UTC(from.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), last);
  const midnight = Date.UTC(from.getUTCFullYear(), months, day) / 1000;
  return midnight + (anchor - Math.floor(anchor / DAY_SECONDS) * DAY_SECONDS);
}

/** The period of a cycle around `anchor` in which `at` falls; the anchor may lie before or after it. */
export function periodAround(anchor: number, { interval, interval_count }: Cadence, at: number): Period {
  const edge = (steps: number): number => addIntervals(anchor, interval, steps * interval_count);
  const length = edge(1) - anchor;
  let steps = Math.floor((at - anchor) / length) - 1;
  while (edge(steps) > at) steps -= 1;
  while (edge(steps + 1) <= at) steps += 1;
  return { start: edge(steps), end: edge(steps + 1) };
}

/** The first moment at or after `from` that fits a `billing_cycle_anchor_config`. */
export function anchorAfter(
  from: number,
  config: { day_of_month: number; month?: number; hour?: number; minute?: number; second?: number },
): number {
  const now = new Date(from * 1000);
  const { hour, minute, second } = config;
  const seconds =
    hour === undefined && minute === undefined && second === undefined
      ? from - Math.floor(from / DAY_SECONDS) * DAY_SECONDS
      : (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  for (let month = now.getUTCMonth(); ; month += 1) {
    if (config.month !== undefined && ((month % 12) + 12) % 12 !== config.month - 1) continue;
    const last = new Date(Date.UTC(now.getUTCFullYear(), month + 1, 0)).getUTCDate();
    const day = Math.min(config.day_of_month, last);
    const at = Date.UTC(now.getUTCFullYear(), month, day) / 1000 + seconds;
    if (at >= from) return at;
  }
}
