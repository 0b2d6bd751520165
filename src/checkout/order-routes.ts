import type { Hono } from 'hono';
import { refuseWithoutApiKey } from '../http/api-key.ts';
import { problemResponse } from '../http/problem.ts';
import { readJson } from '../http/request.ts';
import { wholeOrder } from '../orders/order.ts';
import type { Product } from '../orders/products.ts';
import { orderToken } from '../orders/token.ts';
import type { Checkout } from './create.ts';
import { readOrderRequest } from './request.ts';

export interface OrderCreationOptions {
  checkout: Checkout;
  products: readonly Product[];
  secret: string;
  apiKey: string | undefined;
}

/** `POST /api/orders`: what the platform's own programs sell, with sellers and fees of their choice. */
export function orderCreationRoute(app: Hono, options: OrderCreationOptions): void {
  app.post('/api/orders', async (context) => {
    const refusal = refuseWithoutApiKey(context.req.raw, options.apiKey);
    if (refusal) return problemResponse(refusal);
    const body = await readJson(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    const key = context.req.header('idempotency-key') ?? null;
    const reading = readOrderRequest(body.value, key, options.products);
    if ('problem' in reading) return problemResponse(reading.problem);
    const { request, ui } = reading.value;
    const started = await options.checkout.start(request, ui);
    if ('problem' in started) return problemResponse(started.problem);
    const { order, url, clientSecret } = started.value;
    const paying = ui === 'elements' ? { client_secret: clientSecret } : { url };
    return created({
      ...paying,
      stripe_account: order.account || null,
      order: wholeOrder(order),
      order_token: orderToken(options.secret, order.id),
    });
  });
}

/** 201, for nobody's cache: it holds a token. */
export function created(body: unknown): Response {
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } });
}
