import type { z } from 'zod';
import { nextRun } from '../jobs/crontab.ts';
import type { CronLine } from '../jobs/jobs.ts';
import type { LIST_CRON } from './operations.ts';
import type { KnownCron } from './rows.ts';

const OURS = 'quittance.';

/** The timetable with the last and the next run of each line, the next one first. */
export function timetableAt(
  lines: readonly CronLine[],
  known: readonly KnownCron[],
  now: Date,
): z.input<typeof LIST_CRON.answer>['data'] {
  const lastRuns = new Map(known.map(({ identifier, last_execution }) => [identifier, last_execution]));
  return lines
    .map(({ name, spec, identifier }) => ({
      name,
      spec,
      ours: name.startsWith(OURS),
      last_run_at: lastRuns.get(identifier)?.toISOString() ?? null,
      next_run_at: nextRun(spec, name, now)?.toISOString() ?? null,
    }))
    .toSorted((a, b) => whenOf(a) - whenOf(b) || a.name.localeCompare(b.name));
}

function whenOf({ next_run_at }: { next_run_at: string | null }): number {
  return next_run_at === null ? Number.POSITIVE_INFINITY : Date.parse(next_run_at);
}
