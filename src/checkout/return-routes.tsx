import type { Hono } from 'hono';
import { pageResponse, type Page } from '../http/page.tsx';
import type { Logger } from '../log.ts';
import type { OrderRow } from '../orders/order.ts';
import { OrderPage, standingOf } from '../orders/pages.tsx';
import { orderToken } from '../orders/token.ts';
import { CancelPage, SorryPage } from './pages.tsx';

const SESSION = /^cs_[A-Za-z0-9_]{1,250}$/;

export interface ReturnRoutesOptions {
  secret: string;
  logger: Logger;
  page: Pick<Page, 'shopName' | 'sources'>;
  findBySession: (session: string) => Promise<OrderRow | null>;
  /** Asks Stripe and settles; null when the order is unknown. */
  settleSession: (session: string) => Promise<OrderRow | null>;
}

/** Where Stripe sends the buyer back to. */
export function returnRoutes(app: Hono, options: ReturnRoutesOptions): void {
  app.get('/payment/success', async (context) => {
    const order = await currentOrder(context.req.query('session_id') ?? '', options);
    if (!order) {
      const detail = 'There is no payment under this address. If you paid, your receipt has the right link.';
      const children = <SorryPage title="We do not know this payment" detail={detail} />;
      return pageResponse({ ...options.page, title: 'Unknown payment', status: 404, children });
    }
    const token = orderToken(options.secret, order.id);
    const children = <OrderPage order={order} token={token} />;
    return pageResponse({ ...options.page, title: 'Your order', scripts: ['order'], children });
  });

  app.get('/payment/cancel', () =>
    pageResponse({ ...options.page, title: 'Payment cancelled', children: <CancelPage /> }),
  );
}

// The address proves nothing: it only names a session of ours, and what is shown is what Stripe says of it.
async function currentOrder(session: string, options: ReturnRoutesOptions): Promise<OrderRow | null> {
  if (!SESSION.test(session)) return null;
  const known = await options.findBySession(session);
  if (!known || standingOf(known.status) === 'done') return known;
  try {
    return (await options.settleSession(session)) ?? known;
  } catch (error) {
    // Stripe is away or somebody else holds the order: show what we know, the page follows the rest.
    options.logger.warn({ order: known.id, error: String(error) }, 'the success page could not settle');
    return known;
  }
}
