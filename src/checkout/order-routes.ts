import type { Api } from '../http/api.ts';
import { wholeOrder } from '../orders/order.ts';
import type { Product } from '../orders/products.ts';
import { orderToken } from '../orders/token.ts';
import type { Checkout } from './create.ts';
import { CREATE_ORDER } from './operations.ts';
import { readOrderRequest } from './request.ts';

export interface OrderCreationOptions {
  checkout: Checkout;
  products: readonly Product[];
  secret: string;
}

/** What the platform's own programs sell. */
export function orderCreationRoute(api: Api, { checkout, products, secret }: OrderCreationOptions): void {
  api.on(CREATE_ORDER, async ({ body, idempotencyKey }) => {
    const request = readOrderRequest(body, idempotencyKey, products);
    if ('problem' in request) return request;
    const started = await checkout.start(request.value, body.ui);
    if ('problem' in started) return started;
    const { order, url, clientSecret } = started.value;
    const value = {
      ...(body.ui === 'elements' ? { client_secret: clientSecret } : { url }),
      stripe_account: order.account || null,
      order: wholeOrder(order),
      order_token: orderToken(secret, order.id),
    };
    return { value, status: 201 };
  });
}
