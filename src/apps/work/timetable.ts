import { createHash } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import { msToNext, readCrontab, type CrontabMatch } from '../../jobs/crontab.ts';
import { enqueueRuns, installedBehind, lockFanOut, moveFanOut } from './rows.ts';

const INSTALLS_PER_PAGE = 500;
const SPREAD_MS_MAX = 15 * 60_000;
const HASH_BYTES = 6;

/** A line of the app's timetable. */
export interface CronLine {
  /** Its name wherever it is stored, which follows from spec and job. */
  id: string;
  /** The job that runs for each account, as the queue knows it. */
  task: string;
  match: CrontabMatch;
}

/** Throws `invalid_cron` for a spec that is no crontab line. */
export function cronLine(spec: string, name: string, task: string): CronLine {
  const digest = createHash('sha256').update(spec).digest('hex').slice(0, 8);
  return { id: `quittance.app_cron.${name}.${digest}`, task, match: readCrontab(spec, name) };
}

export interface FanOutOptions {
  database: Database;
  livemode: boolean;
}

/**
 * Queues a run of `line` for every account that has the app, page by page. How far it came is noted with each
 * page, so one that was killed goes on where it stood and no account has two runs of one tick.
 */
export async function fanOut(options: FanOutOptions, line: CronLine, tick: Date): Promise<void> {
  while (await queuePage(options, line, tick));
}

/**
 * How far behind the tick an account's run is due: half of the time to the next tick, 15 minutes at most,
 * shared out by a hash, so that a thousand accounts do not ask Stripe in the same second. An account keeps its
 * place, so its own runs are evenly apart.
 */
export function spreadMs(line: CronLine, install: string, tick: Date): number {
  const windowMs = msToNext(line.match, tick, 2 * SPREAD_MS_MAX) / 2;
  const digest = createHash('sha256').update(`${line.id}/${install}`).digest();
  return Math.floor((digest.readUIntBE(0, HASH_BYTES) / 2 ** (8 * HASH_BYTES)) * windowMs);
}

/** True when there may be more. */
async function queuePage(
  { database, livemode }: FanOutOptions,
  line: CronLine,
  tick: Date,
): Promise<boolean> {
  return database.transaction(async (sql) => {
    const after = await lockFanOut(sql, line.id, tick);
    if (after === null) return false;
    const installs = await installedBehind(sql, { livemode, after, limit: INSTALLS_PER_PAGE });
    const runs = installs.map((install) => ({
      install,
      key: `${line.id}_${tick.getTime()}_${install}`,
      runAt: new Date(tick.getTime() + spreadMs(line, install, tick)),
    }));
    await enqueueRuns(sql, { task: line.task, line: line.id }, runs);
    const isFull = installs.length === INSTALLS_PER_PAGE;
    await moveFanOut(sql, line.id, isFull ? (installs.at(-1) ?? null) : null);
    return isFull;
  });
}
