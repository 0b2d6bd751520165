import type { z } from 'zod';
import type { Sql } from '../db/sql.ts';
import { acceptedByMinute, refusedSince } from '../events/entrance-rows.ts';
import { backlog, endedAs, jobCounts, lastReconcile, processesAlive } from './health-rows.ts';
import type { GET_HEALTH } from './operations.ts';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const DAY_MS = 24 * 3600 * 1000;
// Enough to see that something is wrong; counting a million would tell no more.
const COUNTED_MAX = 1_000;

export type Health = z.input<typeof GET_HEALTH.answer>;

/** Whether events get through. `now` in milliseconds. */
export async function readHealth(sql: Sql, livemode: boolean, now: number): Promise<Health> {
  const { oldest_received_at, ...counts } = await backlog(sql, livemode);
  const counted = { livemode, max: COUNTED_MAX };
  const reconciled = await lastReconcile(sql, livemode);
  const processes = await processesAlive(sql);
  return {
    livemode,
    events: {
      per_minute: await perMinute(sql, livemode, now),
      ...counts,
      oldest_received_at: oldest_received_at?.toISOString() ?? null,
      dead: await endedAs(sql, 'dead', counted),
      quarantined: await endedAs(sql, 'quarantined', counted),
    },
    counted_max: COUNTED_MAX,
    refused: await refusedSince(sql, new Date(now - DAY_MS)),
    reconcile: reconciled && {
      finished_at: reconciled.finished_at?.toISOString() ?? null,
      complete_until: reconciled.complete_until.toISOString(),
    },
    processes: processes.map(({ role, started_at }) => ({ role, started_at: started_at.toISOString() })),
    jobs: await jobCounts(sql),
  };
}

async function perMinute(sql: Sql, livemode: boolean, now: number): Promise<Health['events']['per_minute']> {
  const last = now - (now % MINUTE_MS);
  const minutes = Array.from({ length: HOUR_MINUTES }, (_, index) => {
    return new Date(last - (HOUR_MINUTES - 1 - index) * MINUTE_MS);
  });
  const found = await acceptedByMinute(sql, livemode, minutes[0] as Date);
  const counts = new Map(found.map(({ minute, count }) => [minute.getTime(), count]));
  return minutes.map((minute) => ({
    minute: minute.toISOString(),
    count: counts.get(minute.getTime()) ?? 0,
  }));
}
