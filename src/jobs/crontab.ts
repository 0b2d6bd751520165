import { parseCronItems } from 'graphile-worker';
import { QuittanceError } from '../errors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A 29 February comes within eight years.
const DAYS_AHEAD_MAX = 8 * 366;

/** Says whether a crontab line means this minute. */
export type CrontabMatch = (minute: Date) => boolean;

/** Reads a crontab line of five fields, in UTC. Throws `invalid_cron`, naming the job it was for. */
export function readCrontab(spec: string, name: string): CrontabMatch {
  try {
    const [item] = parseCronItems([{ match: spec, task: name }]);
    return (minute) => item?.match(digestOf(minute)) === true;
  } catch (cause) {
    throw new QuittanceError({
      code: 'invalid_cron',
      message:
        `cron("${spec}", "${name}"): "${spec}" is no crontab line ` +
        'of five fields (minute hour day month weekday).',
      cause,
    });
  }
}

/** How long it is from `tick` to the next minute that the line means; `msMax` when that is longer. */
export function msToNext(match: CrontabMatch, tick: Date, msMax: number): number {
  for (let ms = MINUTE_MS; ms < msMax; ms += MINUTE_MS) {
    if (match(new Date(tick.getTime() + ms))) return ms;
  }
  return msMax;
}

/** The next minute after `now` that the line means; null when there is none. */
export function nextRun(spec: string, name: string, now: Date): Date | null {
  const match = readCrontab(spec, name);
  // Days first: a line that means one minute of a year is not looked for in half a million.
  const isDay = readCrontab(['*', '*', ...spec.trim().split(/\s+/).slice(2)].join(' '), name);
  const next = (Math.floor(now.getTime() / MINUTE_MS) + 1) * MINUTE_MS;
  const today = next - (next % DAY_MS);
  for (let day = today; day < today + DAYS_AHEAD_MAX * DAY_MS; day += DAY_MS) {
    if (!isDay(new Date(day))) continue;
    for (let minute = Math.max(day, next); minute < day + DAY_MS; minute += MINUTE_MS) {
      if (match(new Date(minute))) return new Date(minute);
    }
  }
  return null;
}

function digestOf(minute: Date) {
  return {
    min: minute.getUTCMinutes(),
    hour: minute.getUTCHours(),
    date: minute.getUTCDate(),
    month: minute.getUTCMonth() + 1,
    dow: minute.getUTCDay(),
  };
}
