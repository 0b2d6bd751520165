import { createHash } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import type { Caller } from '../../http/caller.ts';
import { newId } from '../../ids.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import { COUNT_MAX, type EventFilter } from '../filter-rows.ts';
import type { EventStatus } from '../rows.ts';
import { countEvents } from '../search-rows.ts';
import { tailStart } from '../settled-rows.ts';
import { insertRun, runningRun, type ReplayRun } from './rows.ts';

export const REPLAY_JOB = 'quittance.replay';

export interface ReplayOrder {
  filter: EventFilter;
  force: boolean;
  perSecond: number;
  dryRun: boolean;
  caller: Pick<Caller, 'id' | 'name'>;
}

interface Counted {
  count: number;
  is_more: boolean;
}

/** What asking for a replay of many events came to. */
export type Started =
  | ({ readonly kind: 'counted' } & Counted)
  | ({ readonly kind: 'begun'; readonly run: ReplayRun } & Counted)
  | { readonly kind: 'nothing' }
  | { readonly kind: 'running'; readonly id: string }
  | { readonly kind: 'id_too_common' };

/** Counts the events of a filter, and unless that is all, begins to run them again. */
export async function startReplay(database: Database, order: ReplayOrder): Promise<Started> {
  const { filter, force, perSecond, dryRun, caller } = order;
  const until = await tailStart(database.pool);
  const counted = await countAll(database, filter, force, until);
  if (!counted) return { kind: 'id_too_common' };
  if (dryRun) return { kind: 'counted', ...counted };
  if (counted.count === 0) return { kind: 'nothing' };
  const { livemode, ...rest } = filter;
  const filter_key = createHash('sha256')
    .update(JSON.stringify([filter, force]))
    .digest();
  const run = await database.transaction(async (sql) => {
    const inserted = await insertRun(sql, {
      id: newId('rpl'),
      livemode,
      filter: rest,
      filter_key,
      force,
      per_second: perSecond,
      total: counted.count,
      is_more: counted.is_more,
      until_seq: until,
      started_by: caller.id,
      started_by_name: caller.name,
    });
    if (inserted) await enqueueRun(enqueueOn(sql), inserted.id);
    return inserted;
  });
  if (run) return { kind: 'begun', run, ...counted };
  // It may have ended in this moment.
  const id = await runningRun(database.sql, filter_key);
  return id ? { kind: 'running', id } : startReplay(database, order);
}

/** Queues the next turn of a run. */
export async function enqueueRun(enqueue: ReturnType<typeof enqueueOn>, run: string): Promise<void> {
  await enqueue(REPLAY_JOB, { run }, { key: `replay ${run}`, queue: `replay ${run}` });
}

/** Which events a run takes: without a status what failed, and by force everything. */
export function statusesOf(
  { status }: Pick<EventFilter, 'status'>,
  force: boolean,
): readonly (EventStatus | null)[] {
  return status === null && !force ? ['retrying', 'dead', 'quarantined'] : [status];
}

async function countAll(
  database: Database,
  filter: EventFilter,
  force: boolean,
  until: number,
): Promise<Counted | null> {
  let count = 0;
  for (const status of statusesOf(filter, force)) {
    const found = await countEvents(database, { ...filter, status }, until);
    if (found === null) return null;
    count += found;
  }
  return { count: Math.min(count, COUNT_MAX), is_more: count > COUNT_MAX };
}
