import type { Sql } from '../../src/db/sql.ts';
import { until } from './quittance.ts';

/** The timetable (`name spec`) as the queue has it, once it holds this line. */
export function timetable(sql: Sql, line: string): Promise<string[]> {
  return until(async () => {
    const rows = await sql<{ identifier: string }>`
      select identifier from graphile_worker._private_known_crontabs`;
    const lines = rows.map(({ identifier }) => identifier);
    return lines.includes(line) && lines;
  }, `the timetable to hold ${line}`);
}
