import type { Hono } from 'hono';
import type { Api } from '../http/api.ts';
import { readForm } from '../http/body.ts';
import { pageResponse, type Page } from '../http/page.tsx';
import { problemResponse, type Problem } from '../http/problem.ts';
import { readJson } from '../http/request.ts';
import type { Product } from '../orders/products.ts';
import { orderToken } from '../orders/token.ts';
import type { Checkout, StartedCheckout } from './create.ts';
import { PayPage, ShopPage, SorryPage } from './pages.tsx';
import { orderCreationRoute } from './order-routes.ts';
import { readPaymentRequest, unknownProduct } from './request.ts';

export interface CheckoutRoutesOptions {
  checkout: Checkout;
  products: readonly Product[];
  secret: string;
  publishableKey: string | undefined;
  /** Where Stripe.js is loaded from. */
  stripeJs: string;
  /** Makes the key that turns a double click into one order. */
  newKey: () => string;
  /** The shop's name and what its pages may load. */
  page: Pick<Page, 'shopName' | 'sources'>;
  /** The same for a page with Stripe.js. */
  stripePage: Pick<Page, 'shopName' | 'sources'>;
}

/** The shop, the payment page, and the address programs ask for a payment link. */
export function checkoutRoutes(app: Hono, api: Api, options: CheckoutRoutesOptions): void {
  const { products } = options;
  orderCreationRoute(api, options);

  app.get('/', () => {
    const keys = products.map(() => options.newKey());
    const children = <ShopPage products={products} keys={keys} />;
    return pageResponse({ ...options.page, title: options.page.shopName, children });
  });

  app.post('/api/create-payment-link', async (context) => {
    const body = await readJson(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    const key = context.req.header('idempotency-key') ?? null;
    const started = await start(options, body.value, key, 'hosted_page');
    if ('problem' in started) return problemResponse(started.problem);
    const { order, url } = started.value;
    const message = 'Send the buyer to the url to pay.';
    const token = orderToken(options.secret, order.id);
    return created({ message, data: { url, order_id: order.id, order_token: token } });
  });

  // The shop's own form: works without JavaScript. Its hidden key makes a double click one order.
  app.post('/checkout', async (context) => {
    const form = await readForm(context.req.raw);
    const request = { id: form.get('id') ?? '', quantity: Number(form.get('quantity') ?? 1) };
    const started = await start(options, request, form.get('idempotency_key'), 'hosted_page');
    if (!('problem' in started)) return Response.redirect(started.value.url ?? '/', 303);
    return sorry(options, 'The payment could not be started', started.problem);
  });

  app.get('/pay/:product', (context) =>
    payPage(options, context.req.param('product'), context.req.query('quantity')),
  );

  app.post('/pay/:product', async (context) => {
    const body = await readJson(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    const request = requestFor(context.req.param('product'), body.value);
    if ('problem' in request) return problemResponse(request.problem);
    const key = context.req.header('idempotency-key') ?? null;
    const started = await start(options, request.value, key, 'elements');
    if ('problem' in started) return problemResponse(started.problem);
    const { order, clientSecret } = started.value;
    const token = orderToken(options.secret, order.id);
    const data = {
      client_secret: clientSecret,
      stripe_account: order.account || null,
      order_id: order.id,
      order_token: token,
    };
    return created({ message: 'Confirm the payment with the client secret.', data });
  });
}

/** The address names the product; the body must not name another. */
function requestFor(id: string, body: unknown): { value: unknown } | { problem: Problem } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { problem: NOT_JSON };
  return Object.hasOwn(body, 'id') ? { problem: NAMED_TWICE } : { value: { ...body, id } };
}

function payPage(options: CheckoutRoutesOptions, id: string, quantityText = '1'): Response {
  const { products, publishableKey } = options;
  const product = products.find((candidate) => candidate.id === id);
  if (!product) return sorry(options, 'There is no such product', unknownProduct(id));
  const quantity = Number(quantityText);
  const reading = readPaymentRequest({ id, quantity }, null, products);
  if ('problem' in reading) return sorry(options, 'That is not possible', reading.problem);
  if (!publishableKey) return sorry(options, 'Paying here is not possible yet', NO_PUBLISHABLE_KEY);
  return pageResponse({
    ...options.stripePage,
    title: `Pay for ${product.name}`,
    scripts: ['pay'],
    foreignScripts: [options.stripeJs],
    children: <PayPage product={product} quantity={quantity} publishableKey={publishableKey} />,
  });
}

async function start(
  { checkout, products }: CheckoutRoutesOptions,
  body: unknown,
  key: string | null,
  ui: 'hosted_page' | 'elements',
): Promise<{ value: StartedCheckout } | { problem: Problem }> {
  const reading = readPaymentRequest(body, key, products);
  return 'problem' in reading ? reading : checkout.start(reading.value, ui);
}

/** 201, for nobody's cache: it holds a token. */
function created(body: unknown): Response {
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } });
}

function sorry(options: CheckoutRoutesOptions, title: string, problem: Problem): Response {
  const children = <SorryPage title={title} detail={problem.detail} />;
  return pageResponse({ ...options.page, title, status: problem.status, children });
}

const NOT_JSON: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'The body must be JSON, for example {"id":"coffee","quantity":1}.',
};

const NAMED_TWICE: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: '"id" is not a known field here: the address names the product.',
  extra: { field: 'id' },
};

const NO_PUBLISHABLE_KEY: Problem = {
  status: 503,
  code: 'not_configured',
  detail: 'Set STRIPE_PUBLISHABLE_KEY to your pk_… key. Paying on the page of Stripe works without it.',
};
