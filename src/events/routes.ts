import type { Database } from '../db/database.ts';
import type { Answered, Api } from '../http/api.ts';
import type { Caller } from '../http/caller.ts';
import { csvResponse, type Column } from '../http/csv.ts';
import type { Hub } from '../http/hub.ts';
import { pageOf } from '../http/operation.ts';
import type { Problem } from '../http/problem.ts';
import { badField } from '../http/request.ts';
import type { Recognition } from '../inbox/envelope.ts';
import { describeEvent } from './detail.ts';
import type { EventFilter, EventPage } from './filter-rows.ts';
import { tailOf } from './live.ts';
import { EXPORT_EVENTS, GET_EVENT, LIST_EVENTS, REPLAY_EVENT, WATCH_EVENTS } from './operations.ts';
import { replayEvent } from './replay.ts';
import { findEvent, type EventRow } from './rows.ts';
import { ID_MATCHES_MAX, listEvents } from './search-rows.ts';

const EXPORT_ROWS_PER_PAGE = 1_000;

export interface EventRoutesOptions {
  database: Database;
  hub: Hub;
  livemode: boolean;
  recognition: Recognition;
  slowTypes: () => readonly string[];
  /** Wakes the drain after a replay. */
  wake: () => void;
}

/** The event log, for operators: what arrived, what became of it, and a second run. */
export function eventRoutes(api: Api, options: EventRoutesOptions): void {
  const { database, hub } = options;

  api.on(LIST_EVENTS, async ({ query }) => {
    const { livemode = options.livemode, order, after = null, limit, ...filter } = query;
    const page = { order, after, limit: limit + 1 };
    const found = await listEvents(database, { ...filter, livemode }, page);
    return found ? { value: pageOf(found, limit, ({ seq }) => seq) } : { problem: ID_TOO_COMMON };
  });

  // Before the event of that id: none is called `live`.
  api.on(WATCH_EVENTS, async ({ query: { livemode = options.livemode, ...filter } }) =>
    hub.watch(await tailOf(database, { ...filter, livemode })),
  );

  api.on(EXPORT_EVENTS, async ({ query: { livemode = options.livemode, order, ...filter } }) => {
    const page = { order, after: null, limit: EXPORT_ROWS_PER_PAGE };
    const first = await listEvents(database, { ...filter, livemode }, page);
    if (!first) return { problem: ID_TOO_COMMON };
    return csvResponse('events', COLUMNS, pagesFrom(database, { ...filter, livemode }, page, first));
  });

  api.on(GET_EVENT, async ({ params, caller }) => {
    const event = await findEvent(database.sql, params.id ?? '');
    return event ? { value: await describeEvent(database, event, caller) } : { problem: NOT_FOUND };
  });

  api.on(REPLAY_EVENT, async ({ params, body, caller }) => replayOne(params.id ?? '', body, caller, options));
}

async function replayOne(
  id: string,
  { force }: { force: boolean },
  caller: Caller,
  { database, recognition, slowTypes, wake }: EventRoutesOptions,
): Promise<Answered<Awaited<ReturnType<typeof describeEvent>>>> {
  const replay = await replayEvent(database, recognition, id, { force, slowTypes: slowTypes() });
  switch (replay.kind) {
    case 'queued':
      wake();
      return { value: await describeEvent(database, replay.event, caller), status: 202 };
    case 'not_found':
      return { problem: NOT_FOUND };
    case 'already_done':
      return { problem: ALREADY_DONE };
    case 'removed':
      return { problem: REMOVED };
    case 'unreadable':
      return { problem: { ...UNREADABLE, extra: { problem: replay.problem } } };
    default:
      return replay satisfies never;
  }
}

async function* pagesFrom(
  database: Database,
  filter: EventFilter,
  page: EventPage,
  first: EventRow[],
): AsyncGenerator<EventRow[]> {
  for (let rows = first; rows.length > 0;) {
    yield rows;
    const after = rows.length < page.limit ? undefined : rows.at(-1)?.seq;
    if (after === undefined) return;
    const more = await listEvents(database, filter, { ...page, after });
    // A file that is cut off is seen to be broken; one that ends early is taken for the whole.
    if (!more) throw new Error('more events begin with this id than when the file was begun');
    rows = more;
  }
}

const COLUMNS: Column<EventRow>[] = [
  { name: 'seq', cell: ({ seq }) => seq },
  { name: 'id', cell: ({ id }) => id },
  { name: 'type', cell: ({ type }) => type },
  { name: 'account', cell: ({ account }) => account },
  { name: 'livemode', cell: ({ livemode }) => livemode },
  { name: 'object_id', cell: (event) => event.object_id },
  { name: 'created', cell: ({ created }) => created },
  { name: 'received_at', cell: (event) => event.received_at },
  { name: 'source', cell: ({ source }) => source },
  { name: 'deliveries', cell: ({ deliveries }) => deliveries },
  { name: 'status', cell: ({ status }) => status },
  { name: 'attempts', cell: ({ attempts }) => attempts },
  { name: 'last_error', cell: (event) => event.last_error },
];

const NOT_FOUND: Problem = {
  status: 404,
  code: 'event_not_found',
  detail: 'There is no such event in the log.',
};

/** A search for the beginning of an id that says too little. */
export const ID_TOO_COMMON: Problem = badField(
  'id',
  `begins more than ${ID_MATCHES_MAX} events: give more of it`,
);

const ALREADY_DONE: Problem = {
  status: 409,
  code: 'event_already_done',
  detail: 'The handlers of this event have run. Send {"force": true} to run them again.',
};

const UNREADABLE: Problem = {
  status: 422,
  code: 'event_unreadable',
  detail: 'This event is quarantined and what is wrong with it has not changed, so it can not be run.',
};

const REMOVED: Problem = {
  status: 410,
  code: 'event_removed',
  detail: 'The body of this event was removed with the data of the account it is of, so it can not be run.',
};
