import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import { deleteVaultOf } from '../../vault/rows.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import * as removals from './removal-rows.ts';
import { installById, lockInstall } from './rows.ts';

/** Removes the data of one install. */
export const REMOVE_JOB = 'quittance.remove_install';
/** Queues the removals that are overdue: a job gives up after 25 failures. */
export const SWEEP_REMOVALS_JOB = 'quittance.sweep_removals';

const INSTALLS_PER_SWEEP = 1_000;

export interface RemovalOptions {
  /** Without a limit for one statement: an account may have a million events. */
  database: Database;
  app: Pick<AppSettings, 'removeData'>;
}

/** The name under which an install's removal waits, once. */
export function removalKey(id: string): string {
  return `remove_${id}`;
}

/**
 * Removes the data of an install in one transaction, under its lock: nothing of it, or all of it and the
 * record. Only of one that has ended, and unless `early`, whose days of grace are over; a second time does
 * nothing. Null when there is none.
 */
export function removeInstall(
  { database, app }: RemovalOptions,
  id: string,
  { early = false }: { early?: boolean } = {},
): Promise<Install | null> {
  return database.transaction(async (sql) => {
    const install = await lockInstall(sql, id);
    if (install?.status !== 'uninstalled' || !(early || (await removals.isDue(sql, id)))) return install;
    // Ours last: it locks events, and who stores one of them again would wait for the app's own statements.
    const theirs = countsIn(await app.removeData?.(install, { sql }));
    const ours = await removeOurs(sql, install);
    await removals.recordRemoval(sql, install, { ...theirs, ...ours });
    return installById(sql, id);
  });
}

/** Queues what is overdue. */
export async function sweepRemovals(sql: Sql, livemode: boolean): Promise<void> {
  const enqueue = enqueueOn(sql);
  for (const id of await removals.dueInstalls(sql, livemode, INSTALLS_PER_SWEEP)) {
    await enqueue(REMOVE_JOB, { install: id }, { key: removalKey(id) });
  }
}

async function removeOurs(sql: Sql, install: Install): Promise<Record<string, number>> {
  const { id, account, livemode } = install;
  const sealed = Object.entries(await deleteVaultOf(sql, id));
  const what = Object.fromEntries(sealed.map(([kind, count]) => [`quittance.${kind}`, count]));
  what['quittance.jobs'] = await removals.deleteJobsOf(sql, id);
  if (await removals.isSellers(sql, account, livemode)) return what;
  what['quittance.sink_deliveries'] = await removals.deleteDeliveriesOf(sql, account, livemode);
  what['quittance.work'] = await removals.dropWorkOf(sql, account, livemode);
  what['quittance.event_bodies'] = await removals.emptyBodiesOf(sql, account, livemode);
  return what;
}

// A hook in JavaScript may return anything; what is no number is no count.
function countsIn(returned: Record<string, number> | void): Record<string, number> {
  const counts = Object.entries(returned ?? {}).filter(([, count]) => Number.isFinite(count));
  return Object.fromEntries(counts);
}
