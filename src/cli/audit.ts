import { randomUUID } from 'node:crypto';
import { addAudit } from '../audit/rows.ts';
import type { Database } from '../db/database.ts';
import type { Caller } from '../http/caller.ts';

const COMMAND_LINE: Caller = { kind: 'cli', id: 'cli', name: 'command line', role: null, address: null };

/** Writes down what was done from the command line, under the name that the API has for it. */
export function noteDone(
  { sql }: Pick<Database, 'sql'>,
  action: string,
  { target, ...detail }: { target: string } & Record<string, unknown>,
): Promise<void> {
  const line = { request: randomUUID(), caller: COMMAND_LINE, action, target, detail };
  return addAudit(sql, { ...line, outcome: 'done' });
}
