import type { Database } from '../db/database.ts';
import { rowsBehind, type EventRow } from './rows.ts';

const ROWS_PER_STEP = 1_000;

/**
 * Hands over every stored event in the order of `seq`, a thousand at a time, out of one snapshot: what was
 * committed before the call is in it, whatever is going on meanwhile.
 */
export async function exportEvents(
  database: Database,
  take: (rows: EventRow[]) => Promise<void>,
): Promise<void> {
  await database.snapshot(async (sql) => {
    let after = -1;
    for (;;) {
      const rows = await rowsBehind(sql, after, ROWS_PER_STEP);
      const last = rows.at(-1);
      if (!last) return;
      await take(rows);
      after = last.seq;
    }
  });
}
