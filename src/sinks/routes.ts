import type { Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { readBody } from '../http/body.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { DELIVERY_STATUSES } from './delivery.ts';
import { listDeliveries, sinkCounts, type SinkCounts } from './list-rows.ts';
import { replayDeliveries, replaySchema } from './replay.ts';
import type { Sink } from './settings.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const BODY_BYTES_MAX = 64 * 1024;

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  status: z.enum(DELIVERY_STATUSES).nullable().default(null),
});

export interface SinkRoutesOptions {
  database: Database;
  apiKey: string | undefined;
  sinks: readonly Sink[];
}

/** The operator's API on sinks, under the API key. */
export function sinkRoutes(app: Hono, { database, apiKey, sinks }: SinkRoutesOptions): void {
  app.use('/api/sinks/*', underApiKey(apiKey));

  app.get('/api/sinks', async (context) => {
    return context.json({ data: listOf(sinks, await sinkCounts(database.sql)) });
  });

  app.get('/api/sinks/:name/deliveries', async (context) => {
    const name = context.req.param('name');
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(invalid(query.error.issues[0], 'after, limit and status'));
    const { limit } = query.data;
    const found = await listDeliveries(database.pool, name, { ...query.data, limit: limit + 1 });
    if (found.length === 0 && !(await isKnown(name))) return problemResponse(notFound(name));
    const data = found.slice(0, limit);
    return context.json({ data, next: found.length > limit ? (data.at(-1)?.seq ?? null) : null });
  });

  app.post('/api/sinks/:name/replay', async (context) => {
    const name = context.req.param('name');
    if (!sinks.some((sink) => sink.name === name)) return problemResponse(notFound(name));
    const filter = replaySchema.safeParse(await jsonOf(context.req.raw));
    if (!filter.success) {
      return problemResponse(invalid(filter.error.issues[0], 'status, type, from, to and ids'));
    }
    return context.json(await replayDeliveries(database, name, filter.data), 202);
  });

  async function isKnown(name: string): Promise<boolean> {
    if (sinks.some((sink) => sink.name === name)) return true;
    return (await sinkCounts(database.sql)).some((each) => each.name === name);
  }
}

function listOf(sinks: readonly Sink[], counts: readonly SinkCounts[]): Record<string, unknown>[] {
  const configured = sinks.map(({ name, events, accounts, post }) => ({
    ...(counts.find((each) => each.name === name) ?? { ...NOTHING, name }),
    configured: true,
    events,
    accounts,
    // Its path and query may be secret.
    origin: post ? new URL(post.url).origin : null,
  }));
  const others = counts
    .filter(({ name }) => !sinks.some((sink) => sink.name === name))
    .map((each) => ({ ...each, configured: false, events: [], accounts: null, origin: null }));
  return [...configured, ...others];
}

const NOTHING = { pending: 0, delivered: 0, dead: 0, oldest_pending: null, rests_until: null };

/** The body as JSON, an empty one as `{}`; null, which no schema takes, for anything else. */
async function jsonOf(request: Request): Promise<unknown> {
  const reading = await readBody(request, BODY_BYTES_MAX);
  if (reading.kind !== 'bytes') return null;
  const text = reading.bytes.toString('utf8').trim();
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

function invalid(issue: z.core.$ZodIssue | undefined, known: string): Problem {
  if (issue?.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? '';
    const detail = `"${field}" is not a parameter; known are ${known}.`;
    return { status: 400, code: 'invalid_request', detail, extra: { field } };
  }
  const field = issue?.path.join('.') ?? '';
  const detail = field === '' ? 'The body must be a JSON object or empty.' : `"${field}": ${issue?.message}.`;
  return { status: 400, code: 'invalid_request', detail, extra: { field } };
}

function notFound(name: string): Problem {
  const detail = `There is no sink "${name}" in the options.`;
  return { status: 404, code: 'sink_not_found', detail };
}
