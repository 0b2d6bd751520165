import type { Hono } from 'hono';
import type { Database } from '../db/database.ts';
import { bearerToken, refuseWithoutApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { eventStream } from '../http/sse.ts';
import { publicOrder, wholeOrder, type OrderRow } from './order.ts';
import { standingOf } from './pages.tsx';
import { orderById } from './rows.ts';
import { publicShare, sharesOf } from './share-rows.ts';
import { isOrderToken } from './token.ts';

const STREAM_POLL_MS = 300;
// The page asks again when a stream ends; a proxy that holds connections for ever does not exist.
const STREAM_SECONDS_MAX = 300;
const FINAL = new Set(['fulfilled', 'refunded', 'disputed', 'expired']);

export interface OrderRoutesOptions {
  database: Database;
  apiKey: string | undefined;
  secret: string;
  /** What it replaced: links that they signed still open their order. */
  previousSecrets?: readonly string[];
}

/** `GET /api/orders/:id` and the stream of one order's changes. */
export function orderRoutes(app: Hono, options: OrderRoutesOptions): void {
  app.get('/api/orders/:id', async (context) => {
    const order = await readableOrder(context.req.raw, context.req.param('id'), options);
    if ('problem' in order) return problemResponse(order.problem);
    const { order: row, whole } = order;
    if (!whole) return noStore(Response.json(publicOrder(row)));
    const shares = await sharesOf(options.database.sql, row.id);
    return noStore(Response.json({ ...wholeOrder(row), shares: shares.map(publicShare) }));
  });

  app.get('/api/orders/:id/events', async (context) => {
    const first = await readableOrder(context.req.raw, context.req.param('id'), options);
    if ('problem' in first) return problemResponse(first.problem);
    let seen = -1;
    const read = async (): Promise<{ data: unknown; last: boolean } | null> => {
      const order = await orderById(options.database.sql, first.order.id);
      if (!order || order.version === seen) return null;
      seen = order.version;
      const data = { ...publicOrder(order), standing: standingOf(order.status) };
      return { data, last: FINAL.has(order.status) };
    };
    return eventStream(read, { pollMs: STREAM_POLL_MS, secondsMax: STREAM_SECONDS_MAX, event: 'order' });
  });
}

// The API key opens every order, an order's own token that one. To others it does not exist.
async function readableOrder(
  request: Request,
  id: string,
  options: OrderRoutesOptions,
): Promise<{ order: OrderRow; whole: boolean } | { problem: Problem }> {
  const token = bearerToken(request) ?? new URL(request.url).searchParams.get('token');
  if (token === null) return { problem: UNAUTHORIZED };
  const whole = refuseWithoutApiKey(request, options.apiKey) === null;
  const { secret, previousSecrets = [] } = options;
  if (!whole && !isOrderToken({ secret, previousSecrets }, id, token)) return { problem: NOT_FOUND };
  const order = await orderById(options.database.sql, id);
  return order ? { order, whole } : { problem: NOT_FOUND };
}

function noStore(response: Response): Response {
  response.headers.set('cache-control', 'no-store');
  return response;
}

const UNAUTHORIZED: Problem = {
  status: 401,
  code: 'unauthorized',
  detail: 'Send the API key or the token of this order: "Authorization: Bearer …".',
  headers: { 'www-authenticate': 'Bearer' },
};

const NOT_FOUND: Problem = {
  status: 404,
  code: 'order_not_found',
  detail: 'There is no such order, or the token is not of this order.',
};
