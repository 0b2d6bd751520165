import type { Sql } from '../db/sql.ts';

/** Puts an event on the work list, to be run now, and forgets what was said of its end. */
export async function putBack(sql: Sql, seq: number, slowTypes: readonly string[]): Promise<void> {
  await sql`delete from quittance.outcome where seq = ${seq}`;
  await sql`
    insert into quittance.work (key, seq, lane)
    select quittance.key_of(account, livemode, object_id, id), seq, (type = any (${[...slowTypes]}))::integer
    from quittance.event where seq = ${seq}
    on conflict (key, seq) do update set run_at = now()`;
}
