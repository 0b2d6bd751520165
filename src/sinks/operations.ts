import { z } from 'zod';
import { limitSchema, operation, pageSchema } from '../http/operation.ts';
import { DELIVERY_STATUSES } from './delivery.ts';
import { replaySchema } from './replay.ts';

const tag = 'Sinks';
// Room for a thousand ids.
const REPLAY_BYTES_MAX = 64 * 1024;

const sink = z
  .object({
    name: z.string(),
    configured: z.boolean().describe('Whether it stands in the options of this server'),
    events: z.array(z.string()).describe('Event types it is told of, as the options name them'),
    accounts: z.enum(['own', 'connected', 'all']).nullable().describe('Whose events'),
    origin: z.string().nullable().describe('Where it is; its path may be secret'),
    pending: z.int(),
    delivered: z.int(),
    dead: z.int().describe('Given up'),
    oldest_pending: z.iso.datetime().nullable(),
    rests_until: z.iso.datetime().nullable().describe('Left alone until then: it could not be reached'),
  })
  .meta({ id: 'Sink', description: 'A system of yours that is told of events' });

const delivery = z
  .object({
    id: z.string(),
    seq: z.int().describe('The number of the event in the log'),
    event: z.string(),
    type: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int(),
    response_status: z.int().nullable(),
    last_error: z.string().nullable(),
    created_at: z.iso.datetime(),
    next_attempt_at: z.iso.datetime().nullable(),
    last_attempt_at: z.iso.datetime().nullable(),
    delivered_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SinkDelivery', description: 'One event for one sink' });

export const LIST_SINKS = operation({
  id: 'listSinks',
  method: 'GET',
  path: '/api/sinks',
  tag,
  summary: 'Every sink, with what waits and what was given up',
  role: 'viewer',
  answer: z.object({ data: z.array(sink) }),
});

export const LIST_SINK_DELIVERIES = operation({
  id: 'listSinkDeliveries',
  method: 'GET',
  path: '/api/sinks/{name}/deliveries',
  tag,
  summary: 'Deliveries of a sink, in the order of the log',
  role: 'viewer',
  query: z.strictObject({
    status: z.enum(DELIVERY_STATUSES).nullable().default(null),
    after: z.coerce.number().int().min(0).default(0).describe('`next` of the page before'),
    limit: limitSchema,
  }),
  answer: pageSchema(delivery),
  problems: ['sink_not_found'],
});

export const REPLAY_SINK_DELIVERIES = operation({
  id: 'replaySinkDeliveries',
  method: 'POST',
  path: '/api/sinks/{name}/replay',
  tag,
  summary: 'Send ended deliveries again',
  description:
    'At most 1,000 at a time, the oldest first; without a filter the dead. What waits is left alone.',
  role: 'operator',
  body: replaySchema,
  bodyOptional: true,
  bodyBytesMax: REPLAY_BYTES_MAX,
  bodyExample: '{"status":"dead"}',
  answer: z.object({ queued: z.int(), more: z.boolean().describe('There may be others') }),
  statuses: [202],
  problems: ['sink_not_found'],
});
