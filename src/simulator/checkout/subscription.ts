import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { itemsOf } from './session.ts';

const DAY_SECONDS = 24 * 3600;
const INTERVAL_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };

/** A running subscription to what the session sold. Renewal, invoices and trials are not simulated yet. */
export function startSubscription(realm: Realm, session: Stripe.Checkout.Session, customer: string): string {
  const lines = itemsOf(realm, session.id).filter(({ price }) => price?.type === 'recurring');
  const id = realm.newId('subscription');
  const items = lines.map((line) => {
    const days = INTERVAL_DAYS[line.price?.recurring?.interval ?? 'month'] ?? 30;
    return {
      ...realm.insertRaw('subscription_item', {
        current_period_start: realm.now,
        current_period_end: realm.now + days * DAY_SECONDS,
        price: line.price,
        quantity: line.quantity,
        subscription: id,
      }),
    };
  });
  const url = `/v1/subscription_items?subscription=${id}`;
  const subscription = realm.insert('subscription', {
    id,
    billing_cycle_anchor: realm.now,
    collection_method: 'charge_automatically',
    currency: session.currency ?? 'usd',
    customer,
    items: { object: 'list', data: items as unknown as Stripe.SubscriptionItem[], has_more: false, url },
    metadata: {},
    start_date: realm.now,
    status: 'active',
  });
  realm.emit('customer.subscription.created', subscription);
  return id;
}
