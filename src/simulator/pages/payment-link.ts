import type Stripe from 'stripe';
import { visitLink } from '../checkout/payment-links.ts';
import { Realm } from '../realm.ts';
import { StripeError } from '../server/errors.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { notice, redirect } from './layout.ts';

/** What `payment_link.url` shows: each visit begins a Checkout Session of its own. */
export function paymentLinkPage({ engine }: SiteParts, { path, query }: WebRequest): WebAnswer {
  if (query === 'done') return notice('Thank you', 'Your payment is complete.');
  const row = findLink(engine.store, path);
  if (!row) return notice('Nothing here', 'This link is not valid, or not any more.', undefined, 404);
  const link = row.object as unknown as Stripe.PaymentLink;
  try {
    const session = engine.store.transaction(() => visitLink(new Realm(engine, row, null), link));
    if (session) return redirect(session.url ?? '');
  } catch (thrown) {
    if (!(thrown instanceof StripeError)) throw thrown;
    return notice('Something went wrong', thrown.message, undefined, 400);
  }
  return notice(
    'This link is no longer active',
    link.inactive_message ?? 'Please ask the shop for another one.',
  );
}

function findLink(store: SiteParts['engine']['store'], path: string) {
  for (const row of store.everywhere('payment_link'))
    if (new URL(row.object['url'] as string).pathname === path) return row;
  return undefined;
}
