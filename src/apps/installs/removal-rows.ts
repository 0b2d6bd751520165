import type { Sql } from '../../db/sql.ts';
import type { Install } from '../install.ts';

/** What was removed of an install. */
export interface Removal {
  removed_at: string;
  /** Name → how many. Ours begin with `quittance.`, the others are what `removeData` returned. */
  what: Record<string, number>;
}

/** True when the install has ended and its days of grace are over. Ask it under the install's lock. */
export async function isDue(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    select from quittance.install where id = ${id} and status = 'uninstalled' and remove_at <= now()`;
  return rows.length > 0;
}

/** Installs whose data should have been removed by now. */
export async function dueInstalls(sql: Sql, livemode: boolean, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    select id from quittance.install
    where livemode = ${livemode} and status = 'uninstalled' and remove_at <= now()
    order by remove_at limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Deletes what is sealed for an install, and says how much of each kind it was. */
export async function deleteVaultOf(sql: Sql, owner: string): Promise<Record<string, number>> {
  const rows = await sql<{ kind: string; count: number }>`
    with gone as (delete from quittance.vault where owner = ${owner} returning kind)
    select kind, count(*)::integer as count from gone group by kind`;
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Deletes the app's queued jobs for an install; one that runs ends by itself. */
export async function deleteJobsOf(sql: Sql, id: string): Promise<number> {
  const rows = await sql`
    delete from graphile_worker._private_jobs job using graphile_worker._private_tasks task
    where task.id = job.task_id and task.identifier like 'quittance.app\\_%'
      and job.payload -> 'payload' ->> 'install' = ${id} and job.locked_at is null
    returning job.id`;
  return rows.length;
}

/** True when the account has sold here: its events are the history of orders and payouts. */
export async function isSellers(sql: Sql, account: string, livemode: boolean): Promise<boolean> {
  const rows = await sql`
    select from quittance.seller where account = ${account} and livemode = ${livemode}`;
  return rows.length > 0;
}

/** Deletes what sinks have been told, or not yet, of the account's events. */
export async function deleteDeliveriesOf(sql: Sql, account: string, livemode: boolean): Promise<number> {
  const rows = await sql<{ count: number }>`
    with gone as (
      delete from quittance.sink_delivery delivery using quittance.event e
      where e.seq = delivery.seq and e.account = ${account} and e.livemode = ${livemode}
      returning delivery.id)
    select count(*)::integer as count from gone`;
  return rows[0]?.count ?? 0;
}

/** Takes the account's events off the work list: what they are to do can't be read any more. */
export async function dropWorkOf(sql: Sql, account: string, livemode: boolean): Promise<number> {
  const rows = await sql<{ count: number }>`
    with gone as (
      delete from quittance.work w using quittance.event e
      where e.seq = w.seq and e.account = ${account} and e.livemode = ${livemode}
        and w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id)
      returning w.seq
    ), ended as (
      insert into quittance.outcome (seq, status, reason)
      select seq, 'ignored', 'its account uninstalled the app and its data were removed' from gone
      on conflict do nothing)
    select count(*)::integer as count from gone`;
  return rows[0]?.count ?? 0;
}

/** Empties the bodies of the account's events. The rows stay, since an id is good once for ever. */
export async function emptyBodiesOf(sql: Sql, account: string, livemode: boolean): Promise<number> {
  const rows = await sql<{ count: number }>`
    with emptied as (
      update quittance.event set body = ''
      where account = ${account} and livemode = ${livemode} and length(body) > 0
      returning seq)
    select count(*)::integer as count from emptied`;
  return rows[0]?.count ?? 0;
}

/** Marks the install as removed and writes down what went. */
export async function recordRemoval(sql: Sql, { id }: Install, what: Removal['what']): Promise<void> {
  await sql`
    with removed as (
      update quittance.install
      set status = 'removed', removed_at = now(), permissions_granted = '{}', permissions_pending = '{}',
          approval_required = false, version = version + 1
      where id = ${id} returning id, removed_at)
    insert into quittance.install_removal (install, removed_at, what)
    select id, removed_at, ${JSON.stringify(what)}::jsonb from removed`;
}

/** The record of a removal, or null. */
export async function removalOf(sql: Sql, id: string): Promise<Removal | null> {
  const rows = await sql<{ removed_at: Date; what: Removal['what'] }>`
    select removed_at, what from quittance.install_removal where install = ${id}`;
  const [row] = rows;
  return row ? { removed_at: row.removed_at.toISOString(), what: row.what } : null;
}
