import type { Sql } from '../db/sql.ts';
import { walkChain } from './list-rows.ts';

const LINES_AT_ONCE = 2_000;

export interface ChainCheck {
  whole: boolean;
  lines: number;
  broken_at: number | null;
  last: { seq: number; hash: string } | null;
}

/** Walks the chain of the audit log from its beginning to the first line that does not fit, or its end. */
export async function verifyChain(sql: Sql): Promise<ChainCheck> {
  let lines = 0;
  let after = 0;
  let before: Buffer = Buffer.alloc(0);
  for (;;) {
    const step = await walkChain(sql, { after, before, limit: LINES_AT_ONCE });
    lines += step.lines;
    if (step.last_seq !== null && step.last_hash) [after, before] = [step.last_seq, step.last_hash];
    if (step.broken_at === null && step.lines === LINES_AT_ONCE) continue;
    const last = lines === 0 ? null : { seq: after, hash: before.toString('hex') };
    return { whole: step.broken_at === null, lines, broken_at: step.broken_at, last };
  }
}
