import type { Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import type { Recognition } from '../inbox/envelope.ts';
import { replayEvent } from './replay.ts';
import { EVENT_STATUSES, findEvent, isRemoved, listEvents, type EventDetail, type EventRow } from './rows.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

export interface EventRoutesOptions {
  database: Database;
  apiKey: string | undefined;
  recognition: Recognition;
  slowTypes: () => readonly string[];
  /** Wakes the drain after a replay. */
  wake: () => void;
}

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  type: z.string().max(255).nullable().default(null),
  object: z.string().max(255).nullable().default(null),
  status: z.enum(EVENT_STATUSES).nullable().default(null),
});

/** The operator's API on the event log, under the API key. */
export function eventRoutes(app: Hono, options: EventRoutesOptions): void {
  app.use('/api/events/*', underApiKey(options.apiKey));

  app.get('/api/events', async (context) => {
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(badQuery(query.error.issues[0]));
    const { limit } = query.data;
    const found = await listEvents(options.database.pool, { ...query.data, limit: limit + 1 });
    const data = found.slice(0, limit);
    return context.json({ data, next: found.length > limit ? (data.at(-1) as EventRow).seq : null });
  });

  app.get('/api/events/:id', async (context) => {
    const event = await findEvent(options.database.sql, context.req.param('id'));
    return event ? context.json(withPayload(event)) : problemResponse(NOT_FOUND);
  });

  app.post('/api/events/:id/replay', async (context) => {
    const body = z
      .strictObject({ force: z.boolean().default(false) })
      .safeParse(await readOptions(context.req.raw));
    if (!body.success) return problemResponse(BAD_REPLAY);
    const { database, recognition } = options;
    const replay = await replayEvent(database, recognition, context.req.param('id'), {
      force: body.data.force,
      slowTypes: options.slowTypes(),
    });
    switch (replay.kind) {
      case 'queued':
        options.wake();
        return context.json(withPayload(replay.event), 202);
      case 'not_found':
        return problemResponse(NOT_FOUND);
      case 'already_done':
        return problemResponse(ALREADY_DONE);
      case 'removed':
        return problemResponse(REMOVED);
      case 'unreadable':
        return problemResponse({ ...UNREADABLE, extra: { problem: replay.problem } });
      default:
        return replay satisfies never;
    }
  });
}

/**
 * The event with its payload: parsed when it is JSON, and always as the bytes that were signed. One whose body
 * was removed says so.
 */
export function withPayload(detail: EventDetail): Record<string, unknown> {
  const { body, ...event } = detail;
  if (isRemoved(detail)) return { ...event, payload: null, removed: true };
  const payload = event.kind === 'unreadable' ? null : (JSON.parse(body.toString('utf8')) as unknown);
  return { ...event, payload, ...(payload === null ? { body_base64: body.toString('base64') } : {}) };
}

async function readOptions(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function badQuery(issue: z.core.$ZodIssue | undefined): Problem {
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  const known = 'known are after, limit, type, object and status';
  const detail =
    issue?.code === 'unrecognized_keys'
      ? `"${field}" is not a parameter; ${known}.`
      : `"${field}": ${issue?.message}.`;
  return { status: 400, code: 'invalid_request', detail, extra: { field } };
}

const NOT_FOUND: Problem = {
  status: 404,
  code: 'event_not_found',
  detail: 'There is no such event in the log.',
};

const BAD_REPLAY: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'The body may be empty or {"force": true}.',
  extra: { field: 'force' },
};

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
