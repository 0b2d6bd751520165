import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { sqlPlannedEachTime } from '../db/sql.ts';
import type { Api } from '../http/api.ts';
import { csvResponse } from '../http/csv.ts';
import type { Hub } from '../http/hub.ts';
import { UnderWay } from '../under-way.ts';
import { readRevenue, readToday, type Question, type Today } from './figures.ts';
import { readHealth, type Health } from './health.ts';
import { linesOf, onePage, REVENUE_COLUMNS } from './export.ts';
import { EXPORT_REVENUE, GET_HEALTH, GET_REVENUE, GET_TODAY, WATCH_TODAY } from './operations.ts';

export interface TodayRoutesOptions {
  database: Database;
  clock: Clock;
  hub: Hub;
  /** The mode of the server's own key. */
  livemode: boolean;
}

/** How the day goes, and whether events get through. */
export function todayRoutes(api: Api, { database, clock, hub, livemode: ownMode }: TodayRoutesOptions): void {
  const sql = sqlPlannedEachTime(database.pool);
  // It counts everything that waits: several who look at once share one answer.
  const looking = new UnderWay<Health>();

  api.on(GET_TODAY, async ({ query: { livemode = ownMode, ...query } }) => {
    return { value: await readToday(sql, { ...query, livemode }, clock.now()) };
  });

  api.on(WATCH_TODAY, async ({ query: { livemode = ownMode, account, tz } }) => {
    const question: Question = { livemode, account, tz };
    return hub.watch<Today>({
      name: `today ${livemode} ${account} ${tz}`,
      event: 'today',
      kind: 'state',
      read: () => readToday(sql, question, clock.now()),
    });
  });

  api.on(GET_REVENUE, async ({ query: { livemode = ownMode, ...query } }) => {
    return { value: await readRevenue(sql, { ...query, livemode }, clock.now()) };
  });

  api.on(EXPORT_REVENUE, async ({ query: { livemode = ownMode, ...query } }) => {
    const { data } = await readRevenue(sql, { ...query, livemode }, clock.now());
    return csvResponse('revenue', REVENUE_COLUMNS, onePage(linesOf(data)));
  });

  api.on(GET_HEALTH, async ({ query: { livemode = ownMode } }) => {
    const read = (): Promise<Health> => readHealth(sql, livemode, clock.now());
    return { value: await looking.join(String(livemode), read) };
  });
}
