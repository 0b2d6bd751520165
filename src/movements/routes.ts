import type { Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Movement } from './movement.ts';
import type { Movements } from './movements.ts';
import { enqueueMovement } from './plan.ts';
import { movementById, movementPage, planAgain } from './rows.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
// These were asked for by somebody who was told of the refusal, and ask again for themselves.
const ASKED_FOR = new Set(['refund', 'payout']);

export interface MovementRoutesOptions {
  database: Database;
  movements: Pick<Movements, 'run'>;
  apiKey: string | undefined;
  livemode: boolean;
}

const querySchema = z.strictObject({
  status: z.enum(['planned', 'done', 'refused']).nullable().default(null),
  order: z.string().max(255).nullable().default(null),
  after: z.string().max(255).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
});

/** What moves money, for the platform's staff: what waits, what Stripe refused, and a second try. */
export function movementRoutes(app: Hono, options: MovementRoutesOptions): void {
  const { database, apiKey, livemode } = options;
  app.use('/api/movements/*', underApiKey(apiKey));

  app.get('/api/movements', async (context) => {
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(badQuery(query.error.issues[0]));
    const { limit, ...filter } = query.data;
    const found = await movementPage(database.sql, { ...filter, livemode, limit: limit + 1 });
    const data = found.slice(0, limit).map(publicMovement);
    return context.json({ data, next: found.length > limit ? data.at(-1)?.id : null });
  });

  app.get('/api/movements/:id', async (context) => {
    const movement = await movementById(database.sql, context.req.param('id'));
    return movement ? context.json(publicMovement(movement)) : problemResponse(NOT_FOUND);
  });

  app.post('/api/movements/:id/retry', async (context) => {
    const retried = await retry(context.req.param('id'), options);
    return 'problem' in retried
      ? problemResponse(retried.problem)
      : context.json(publicMovement(retried.movement), retried.movement.status === 'planned' ? 202 : 200);
  });
}

async function retry(
  id: string,
  { database, movements, livemode }: MovementRoutesOptions,
): Promise<{ movement: Movement } | { problem: Problem }> {
  const known = await movementById(database.sql, id);
  if (!known) return { problem: NOT_FOUND };
  if (ASKED_FOR.has(known.purpose)) return { problem: ASK_AGAIN };
  const again = await database.transaction(async (sql) => {
    const planned = await planAgain(sql, id, livemode);
    if (planned) await enqueueMovement(enqueueOn(sql), planned);
    return planned;
  });
  // A movement that waits is only tried earlier than it would be.
  if (!again && known.status !== 'planned') return { problem: NOT_REFUSED };
  return { movement: await movements.run(id) };
}

function publicMovement(movement: Movement): Record<string, unknown> {
  const { id, account, livemode, kind, purpose, subject, order_id, amount, target } = movement;
  const { status, stripe_id, error_code, error, attempt, run_at, created_at, updated_at } = movement;
  return {
    id,
    status,
    kind,
    purpose,
    subject,
    order_id,
    account: account === '' ? null : account,
    livemode,
    amount,
    target,
    stripe_id,
    error_code,
    error,
    attempt,
    run_at,
    created_at,
    updated_at,
  };
}

function badQuery(issue: z.core.$ZodIssue | undefined): Problem {
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  const known = `status, order, after and limit (1 to ${LIMIT_MAX})`;
  const detail = `"${field}" is not right here; known are ${known}.`;
  return { status: 400, code: 'invalid_request', detail, extra: { field } };
}

const NOT_FOUND: Problem = {
  status: 404,
  code: 'movement_not_found',
  detail: 'There is no such movement.',
};

const ASK_AGAIN: Problem = {
  status: 409,
  code: 'ask_again',
  detail: 'A refund or payout that Stripe refused is over: ask for a new one, under a new Idempotency-Key.',
};

const NOT_REFUSED: Problem = {
  status: 409,
  code: 'movement_done',
  detail: 'Stripe has done this already; there is nothing to try again.',
};
