import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { sqlPlannedEachTime } from '../db/sql.ts';
import { STORE_LOCK } from '../inbox/store.ts';

const SETTLE_MS_MAX = 1_000;
const SETTLE_POLL_MS = 5;

/**
 * Up to this number every event is visible to whoever looks from now on; -1 when that can't be said within
 * a second. A reader that pages by seq must not step over an event whose transaction is still open: its seq
 * is lower than that of others already seen. All who store hold a lock from before they take a number until
 * they have committed, so those who hold it now are waited for, and nobody else.
 */
export async function settledSeq(pool: pg.Pool): Promise<number> {
  const sql = sqlPlannedEachTime(pool);
  const [place] = await sql<{ seq: number }>`select last_value as seq from quittance.event_seq_seq`;
  const seq = place?.seq ?? 0;
  const storing = async (): Promise<string[]> => {
    const rows = await sql<{ transaction: string }>`
      select virtualtransaction as transaction from pg_locks
      where locktype = 'advisory' and classid = ${STORE_LOCK.classid} and objid = ${STORE_LOCK.objid}
        and database = (select oid from pg_database where datname = current_database())`;
    return rows.map(({ transaction }) => transaction);
  };
  const deadline = performance.now() + SETTLE_MS_MAX;
  for (let open = await storing(); open.length > 0;) {
    if (performance.now() > deadline) return -1;
    await wait(SETTLE_POLL_MS);
    const still = new Set(await storing());
    open = open.filter((transaction) => still.has(transaction));
  }
  return seq;
}

/**
 * The number behind which everything is new from now on. Somebody who hangs while storing may still bring
 * events of the last minute, so these are then taken for new as well.
 */
export async function tailStart(pool: pg.Pool): Promise<number> {
  const settled = await settledSeq(pool);
  if (settled >= 0) return settled;
  const [place] = await sqlPlannedEachTime(pool)<{ seq: number }>`
    select quittance.seq_at(now() - interval '1 minute') - 1 as seq`;
  return place?.seq ?? 0;
}
