import type { Database } from '../db/database.ts';
import type { Topic } from '../http/hub.ts';
import type { EventFilter } from './filter-rows.ts';
import type { EventRow } from './rows.ts';
import { listEvents } from './search-rows.ts';
import { tailStart } from './settled-rows.ts';

// A message of 300 KB. What arrives faster than this at each look is told a little later.
const EVENTS_PER_MESSAGE_MAX = 1_000;

/** What arrives from now on, for whoever watches with this filter. Nothing is stepped over. */
export async function tailOf(database: Database, filter: EventFilter): Promise<Topic<{ data: EventRow[] }>> {
  let after = await tailStart(database.pool);
  return {
    name: `events ${JSON.stringify(filter)}`,
    event: 'events',
    kind: 'tail',
    read: async () => {
      const page = { order: 'asc', after, limit: EVENTS_PER_MESSAGE_MAX } as const;
      const data = (await listEvents(database, filter, page)) ?? [];
      after = data.at(-1)?.seq ?? after;
      return data.length > 0 ? { data } : null;
    },
  };
}
