import { parseCronItems } from 'graphile-worker';
import { QuittanceError } from '../errors.ts';

const MINUTE_MS = 60_000;

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

function digestOf(minute: Date) {
  return {
    min: minute.getUTCMinutes(),
    hour: minute.getUTCHours(),
    date: minute.getUTCDate(),
    month: minute.getUTCMonth() + 1,
    dow: minute.getUTCDay(),
  };
}
