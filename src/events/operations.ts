import { z } from 'zod';
import {
  accountFilter,
  limitSchema,
  livemodeFilter,
  operation,
  pageSchema,
  timeSchema,
} from '../http/operation.ts';
import { isStorable, UNSTORABLE } from '../http/request.ts';
import { EVENT_STATUSES } from './rows.ts';

const ID_CHARACTERS_MIN = 6;
const tag = 'Events';
const text = z.string().max(255).refine(isStorable, UNSTORABLE);
const source = z.enum(['webhook', 'reconcile', 'cli']);

/** The filters of events, without the mode. */
export const eventFilters = {
  account: accountFilter,
  id: text
    .min(ID_CHARACTERS_MIN, `needs ${ID_CHARACTERS_MIN} characters at least`)
    .nullable()
    .default(null)
    .describe('The id, or how it begins'),
  type: text.nullable().default(null).describe('`charge.refunded`, or all that begin alike: `charge.*`'),
  object: text.nullable().default(null).describe('The id of the object that the event is about'),
  status: z.enum(EVENT_STATUSES).nullable().default(null),
  from: timeSchema.nullable().default(null).describe('Received at this time or later'),
  to: timeSchema.nullable().default(null).describe('Received before this time'),
};

const eventFields = {
  seq: z.int().describe('Its number in the log'),
  id: z.string(),
  type: z.string(),
  account: z.string().nullable().describe('The connected account; null is our own'),
  livemode: z.boolean(),
  object_id: z.string().nullable(),
  created: z.iso.datetime().nullable().describe('When it happened, in seconds'),
  received_at: z.iso.datetime(),
  source,
  deliveries: z.int().describe('How often it arrived'),
  status: z.enum(EVENT_STATUSES),
  attempts: z.int().describe('Runs of the handlers, the failed ones included'),
  last_error: z.string().nullable().describe('The last failure, or why it was put aside'),
};

const event = z
  .object(eventFields)
  .meta({ id: 'Event', description: 'An event of Stripe, as the log has it' });

const change = z
  .object({
    kind: z.enum(['order', 'refund', 'dispute', 'fraud_warning', 'movement', 'payout', 'seller', 'install']),
    id: z.string(),
    status: z.string(),
    order_id: z.string().nullable().describe('The order it belongs to'),
  })
  .meta({ id: 'EventChange', description: 'Something of ours that an event is about' });

const detail = z
  .object({
    ...eventFields,
    kind: z.enum(['snapshot', 'thin', 'unreadable']),
    api_version: z.string().nullable(),
    endpoint: z.string().nullable().describe('Which address took it first'),
    failures: z.array(z.object({ attempt: z.int(), at: z.iso.datetime(), error: z.string() })),
    repeats: z
      .array(
        z.object({
          at: z.iso.datetime(),
          source,
          endpoint: z.string().nullable(),
          count: z.int().describe('How many came at once'),
        }),
      )
      .describe('Each arrival after the first'),
    changed: z.array(change).describe('What of ours it is about, as it stands now'),
    related: z.array(event).describe('Events of the same object and of the same payment, oldest first'),
    payload: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What Stripe sent. Secrets in it are struck out for the console'),
    body_base64: z.string().optional().describe('The bytes of what is no JSON'),
    removed: z.literal(true).optional().describe('Its body went with the data of an account'),
  })
  .meta({ id: 'EventDetail', description: 'An event with its payload and its history' });

export const LIST_EVENTS = operation({
  id: 'listEvents',
  method: 'GET',
  path: '/api/events',
  tag,
  summary: 'List and search events, in the order of the log',
  description: 'Paging never steps over an event that was being stored meanwhile.',
  role: 'viewer',
  query: z.strictObject({
    ...eventFilters,
    livemode: livemodeFilter,
    order: z.enum(['asc', 'desc']).default('asc').describe('Oldest or newest first'),
    after: z.coerce.number().int().min(0).optional().describe('`next` of the page before'),
    limit: limitSchema,
  }),
  answer: pageSchema(event),
});

export const WATCH_EVENTS = operation({
  id: 'watchEvents',
  method: 'GET',
  path: '/api/events/live',
  tag,
  summary: 'Events as they arrive',
  description:
    'Server-sent events named `events`; the data of each is `{"data": [Event, …]}`, as they stood when ' +
    'they were read.',
  role: 'viewer',
  query: z.strictObject({ ...eventFilters, livemode: livemodeFilter }),
  answer: 'text/event-stream',
  problems: ['too_many_streams'],
});

export const EXPORT_EVENTS = operation({
  id: 'exportEvents',
  method: 'GET',
  path: '/api/exports/events',
  tag,
  summary: 'All events of a filter as CSV',
  role: 'viewer',
  query: z.strictObject({
    ...eventFilters,
    livemode: livemodeFilter,
    order: z.enum(['asc', 'desc']).default('asc'),
  }),
  answer: 'text/csv',
});

export const GET_EVENT = operation({
  id: 'getEvent',
  method: 'GET',
  path: '/api/events/{id}',
  tag,
  summary: 'One event, by its id or its number',
  role: 'viewer',
  answer: detail,
  problems: ['event_not_found'],
});

export const REPLAY_EVENT = operation({
  id: 'replayEvent',
  method: 'POST',
  path: '/api/events/{id}/replay',
  tag,
  summary: 'Run an event again',
  description: 'Puts it on the work list, to be run now. One that is done is run again only with `force`.',
  role: 'operator',
  body: z.strictObject({ force: z.boolean('must be true or false').default(false) }),
  bodyOptional: true,
  bodyExample: 'empty, or {"force": true}',
  answer: detail,
  statuses: [202],
  problems: ['event_not_found', 'event_already_done', 'event_unreadable', 'event_removed'],
});
