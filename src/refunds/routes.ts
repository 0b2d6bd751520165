import type { Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { readIdempotencyKey, readJson } from '../http/request.ts';
import { orderById } from '../orders/rows.ts';
import type { RefundActions } from './actions.ts';
import { ORDER_NOT_FOUND, REFUND_NOT_FOUND } from './problems.ts';
import { publicRefund } from './refund.ts';
import { readRefundRequest } from './request.ts';
import { refundById, refundPage } from './rows.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

export interface RefundRoutesOptions {
  database: Database;
  actions: RefundActions;
  apiKey: string | undefined;
}

const querySchema = z.strictObject({
  after: z.string().max(255).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
});

/** The refunds of an order, for the platform's own programs. */
export function refundRoutes(app: Hono, { database, actions, apiKey }: RefundRoutesOptions): void {
  app.use('/api/orders/:id/refunds/*', underApiKey(apiKey));

  app.post('/api/orders/:id/refunds', async (context) => {
    const body = await readJson(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    const key = readIdempotencyKey(context.req.raw);
    if ('problem' in key) return problemResponse(key.problem);
    const reading = readRefundRequest(body.value, key.value);
    if ('problem' in reading) return problemResponse(reading.problem);
    const asked = await actions.ask(context.req.param('id'), reading.value);
    if ('problem' in asked) return problemResponse(asked.problem);
    return context.json(publicRefund(asked.value), asked.value.status === 'requested' ? 202 : 201);
  });

  app.get('/api/orders/:id/refunds', async (context) => {
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(badQuery(query.error.issues[0]));
    const order = await orderById(database.sql, context.req.param('id'));
    if (!order) return problemResponse(ORDER_NOT_FOUND);
    const { after, limit } = query.data;
    const found = await refundPage(database.sql, order.id, { after, limit: limit + 1 });
    const data = found.slice(0, limit).map(publicRefund);
    return context.json({ data, next: found.length > limit ? data.at(-1)?.id : null });
  });

  app.get('/api/orders/:id/refunds/:refund', async (context) => {
    const refund = await refundById(database.sql, context.req.param('refund'));
    if (refund?.order_id !== context.req.param('id')) return problemResponse(REFUND_NOT_FOUND);
    return context.json(publicRefund(refund));
  });
}

function badQuery(issue: z.core.$ZodIssue | undefined): Problem {
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  const message = issue?.code === 'unrecognized_keys' ? 'known are after and limit' : issue?.message;
  return { status: 400, code: 'invalid_request', detail: `"${field}": ${message}.`, extra: { field } };
}
