import type Stripe from 'stripe';
import { intentOf } from '../billing/invoices/intents.ts';
import { createSubscription } from '../billing/subscriptions/create.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { itemsOf } from './session.ts';

type Session = Stripe.Checkout.Session;

/**
 * The subscription that a session sells. It begins at the first try to pay, and is incomplete until one
 * succeeds.
 */
export function subscriptionOf(realm: Realm, session: Session, customer: string): Stripe.Subscription {
  const { subscription: known, params } = realm.hidden('checkout.session', session.id);
  if (known !== undefined) return realm.need('subscription', known);
  const data = (params?.['subscription_data'] ?? {}) as Params;
  const lines = itemsOf(realm, session.id).map(({ price, quantity }) => ({
    price: price?.id,
    recurring: price?.type === 'recurring',
    ...(quantity !== null && { quantity }),
  }));
  const asked = {
    ...data,
    add_invoice_items: lines.filter(({ recurring }) => !recurring).map(withoutKind),
    customer,
    currency: session.currency,
    discounts: (session.discounts ?? []).map(({ coupon, promotion_code: code }) =>
      code === null ? { coupon: idOf(coupon) } : { promotion_code: idOf(code) },
    ),
    items: lines.filter(({ recurring }) => recurring).map((line) => ({ ...withoutKind(line), chosen: true })),
    payment_behavior: 'default_incomplete',
    payment_settings: { save_default_payment_method: 'off' },
  };
  const magic = new Map<string, string>();
  const made = createSubscription({ realm, params: asked, version: realm.engine.settings.apiVersion, magic });
  realm.conceal('checkout.session', session.id, { subscription: made.id });
  return made;
}

/** What the buyer has to confirm: the first payment or, if that is nothing, the method for the next ones. */
export function firstIntent(
  realm: Realm,
  subscription: Stripe.Subscription,
): Stripe.PaymentIntent | Stripe.SetupIntent | undefined {
  const payment = intentOf(realm, idOf(subscription.latest_invoice) ?? '');
  return payment ?? realm.get('setup_intent', idOf(subscription.pending_setup_intent));
}

/** What a completed session says about its subscription, which goes on with the method that began it. */
export function bought(realm: Realm, id: string, method: string | null): Partial<Session> {
  const before = realm.need('subscription', id);
  const changes = { default_payment_method: method, pending_setup_intent: null };
  const { latest_invoice } = method === null ? before : realm.change('subscription', id, changes);
  return { subscription: id, invoice: idOf(latest_invoice) };
}

function withoutKind({ recurring: _recurring, ...line }: { recurring: boolean }): Params {
  return line;
}
