import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { timeSchema } from '../http/operation.ts';
import { requeue, type ReplayFilter } from './list-rows.ts';
import { endRest, queueNext } from './rows.ts';

// A wrong filter does not send a year's events; who wants them asks again.
const REPLAY_MAX = 1_000;
const IDS_MAX = 1_000;

/** What may be asked of a replay. Without anything: the dead. */
export const replaySchema = z
  .strictObject({
    status: z.enum(['dead', 'delivered']).nullable().default(null),
    type: z.string().max(255).nullable().default(null),
    from: timeSchema.nullable().default(null),
    to: timeSchema.nullable().default(null),
    ids: z
      .array(z.string().regex(/^msg_\w{1,100}$/, 'must be ids of deliveries: msg_…'))
      .min(1)
      .max(IDS_MAX)
      .nullable()
      .default(null),
  })
  .transform((filter): ReplayFilter => ({
    ...filter,
    // Who names deliveries means them, whichever way they ended.
    status: filter.status ?? (filter.ids ? null : 'dead'),
  }));

/**
 * Sends ended deliveries again under their own ids, 1,000 at a time, the oldest first. What waits already is
 * left alone, so asking twice sends once. `more`: there may be others.
 */
export async function replayDeliveries(
  database: Database,
  sink: string,
  filter: ReplayFilter,
): Promise<{ queued: number; more: boolean }> {
  const queued = await database.transaction(async (sql) => {
    const count = await requeue(sql, sink, filter, REPLAY_MAX);
    if (count > 0) {
      await endRest(sql, sink);
      await queueNext(sql, sink);
    }
    return count;
  });
  return { queued, more: queued === REPLAY_MAX };
}
