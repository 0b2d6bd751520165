import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import { bearerToken, refuseWithoutApiKey } from '../http/api-key.ts';
import type { Answered, Api } from '../http/api.ts';
import { csvResponse } from '../http/csv.ts';
import { pageOf } from '../http/operation.ts';
import { pagesOf, type Place } from '../http/pages.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import { eventStream } from '../http/sse.ts';
import type { OrderActions } from './actions.ts';
import { ORDER_COLUMNS } from './csv.ts';
import * as operations from './operations.ts';
import { publicOrder, wholeOrder, type OrderRow } from './order.ts';
import { standingOf } from './pages.tsx';
import { ORDER_NOT_FOUND } from './problems.ts';
import { orderById } from './rows.ts';
import type { orderSchema } from './schemas.ts';
import { meantBy } from './search.ts';
import { orderPage, type OrderFilter } from './search-rows.ts';
import { publicShare, sharesOf } from './share-rows.ts';
import { storyOf } from './story.ts';
import { isOrderToken } from './token.ts';

const STREAM_POLL_MS = 300;
// The page asks again when a stream ends; a proxy that holds connections for ever does not exist.
const STREAM_SECONDS_MAX = 300;
const FINAL = new Set(['fulfilled', 'refunded', 'disputed', 'expired']);

export interface OrderRoutesOptions {
  database: Database;
  actions: OrderActions;
  livemode: boolean;
  apiKey?: string | undefined;
  secret: string;
  /** What it replaced: links that they signed still open their order. */
  previousSecrets?: readonly string[];
}

/** Orders, for operators and the platform's programs; and one order for whoever has its own token. */
export function orderRoutes(app: Hono, api: Api, options: OrderRoutesOptions): void {
  const { database, actions } = options;
  // Before the API's own routes: who comes with an order's token passes no other gate.
  buyersRoutes(app, options);

  api.on(operations.LIST_ORDERS, async ({ query }) => {
    const { after, limit } = query;
    const filter = filterOf(query, options.livemode);
    const found = await orderPage(database.pool, { ...filter, after, limit: limit + 1 });
    return { value: pageOf(found.map(wholeOrder), limit, ({ id }) => id) };
  });

  api.on(operations.EXPORT_ORDERS, async ({ query }) => {
    const filter = filterOf(query, options.livemode);
    return csvResponse(
      'orders',
      ORDER_COLUMNS,
      pagesOf(
        (page: Place<string>) => orderPage(database.pool, { ...filter, ...page }),
        ({ id }) => id,
      ),
    );
  });

  api.on(operations.GET_ORDER, async ({ params }) => {
    const order = await orderById(database.sql, params.id ?? '');
    if (!order) return { problem: ORDER_NOT_FOUND };
    const shares = await sharesOf(database.sql, order.id);
    return { value: { ...wholeOrder(order), shares: shares.map(publicShare) } };
  });

  api.on(operations.WATCH_ORDER, async ({ params }) => {
    const order = await orderById(database.sql, params.id ?? '');
    return order ? changesOf(order.id, database) : { problem: ORDER_NOT_FOUND };
  });

  api.on(operations.GET_ORDER_TIMELINE, async ({ params }) => {
    const order = await orderById(database.sql, params.id ?? '');
    return order ? { value: await storyOf(order, database.sql) } : { problem: ORDER_NOT_FOUND };
  });

  api.on(operations.REVIEW_ORDER, async ({ params, body, caller }) =>
    answer(await actions.review(params.id ?? '', body, caller)),
  );

  api.on(operations.FULFIL_ORDER, async ({ params, body, caller }) =>
    answer(await actions.fulfil(params.id ?? '', body, caller)),
  );
}

/** What is typed into the one box goes before the field that it means. */
function filterOf(
  query: z.output<NonNullable<typeof operations.EXPORT_ORDERS.query>>,
  ownMode: boolean,
): OrderFilter {
  const { search, amount, livemode = ownMode, ...fields } = query;
  const amounts = amount === null ? null : [{ value: amount, digits: null }];
  const meant = search === null ? {} : meantBy(search);
  return { ...fields, livemode, amounts, ...meant };
}

/** The same addresses under the token of an order, which opens that one. To others it does not exist. */
function buyersRoutes(app: Hono, options: OrderRoutesOptions): void {
  const { database } = options;
  app.get('/api/orders/:id', async (context, next) => {
    const opened = await openedByToken(context, options);
    if (opened === null) return next();
    if ('problem' in opened) return problemResponse(opened.problem);
    return Response.json(publicOrder(opened.value), { headers: { 'cache-control': 'no-store' } });
  });
  app.get('/api/orders/:id/events', async (context, next) => {
    const opened = await openedByToken(context, options);
    if (opened === null) return next();
    return 'problem' in opened ? problemResponse(opened.problem) : changesOf(opened.value.id, database);
  });
}

/** Null when no order's token came with the request, so that somebody else has to decide. */
async function openedByToken(
  context: Context,
  { database, apiKey, secret, previousSecrets = [] }: OrderRoutesOptions,
): Promise<Read<OrderRow> | null> {
  const { raw: request } = context.req;
  const id = context.req.param('id') ?? '';
  const token = bearerToken(request) ?? new URL(request.url).searchParams.get('token');
  if (token === null || refuseWithoutApiKey(request, apiKey) === null) return null;
  if (!isOrderToken({ secret, previousSecrets }, id, token)) return { problem: NOT_OPENED };
  const order = await orderById(database.sql, id);
  return order ? { value: order } : { problem: NOT_OPENED };
}

function changesOf(id: string, { sql }: Database): Response {
  let seen = -1;
  const read = async (): Promise<{ data: unknown; last: boolean } | null> => {
    const order = await orderById(sql, id);
    if (!order || order.version === seen) return null;
    seen = order.version;
    const data = { ...publicOrder(order), standing: standingOf(order.status) };
    return { data, last: FINAL.has(order.status) };
  };
  return eventStream(read, { pollMs: STREAM_POLL_MS, secondsMax: STREAM_SECONDS_MAX, event: 'order' });
}

function answer(read: Read<OrderRow>): Answered<z.input<typeof orderSchema>> {
  return 'problem' in read ? read : { value: wholeOrder(read.value) };
}

const NOT_OPENED: Problem = {
  status: 404,
  code: 'order_not_found',
  detail: 'There is no such order, or the token is not of this order.',
};
