import type { Sql } from '../db/sql.ts';

/**
 * Puts an event on the work list, to be run now: one that waits is run at once, with all that waits behind
 * it; a dead letter or a quarantined one begins anew; one that is done only with `force`. False when it is
 * done and stays so. What it was when somebody looked does not count: a worker may have it in hand.
 */
export async function putBack(
  sql: Sql,
  seq: number,
  { force, slowTypes }: { force: boolean; slowTypes: readonly string[] },
): Promise<boolean> {
  if (await runNow(sql, seq)) return true;
  const ended = await sql`
    delete from quittance.outcome where seq = ${seq} and (${force} or status in ('dead', 'quarantined'))
    returning seq`;
  if (ended.length === 0 && !force) return false;
  await sql`
    insert into quittance.work (key, seq, lane)
    select quittance.key_of(account, livemode, object_id, id), seq, (type = any (${[...slowTypes]}))::integer
    from quittance.event where seq = ${seq}
    on conflict (key, seq) do update set run_at = now()`;
  return true;
}

// What stands behind a head that waits was put off to the same time.
async function runNow(sql: Sql, seq: number): Promise<boolean> {
  const rows = await sql<{ key: string }>`
    update quittance.work as w set run_at = now()
    from quittance.event e
    where e.seq = ${seq} and w.seq = e.seq
      and w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id)
    returning w.key`;
  const [row] = rows;
  if (!row) return false;
  await sql`
    update quittance.work set run_at = now()
    where key = ${row.key} and seq > ${seq} and run_at > now()
      and not exists (select from quittance.work head where head.key = ${row.key} and head.seq < ${seq})`;
  return true;
}
