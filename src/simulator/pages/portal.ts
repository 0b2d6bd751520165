import type Stripe from 'stripe';
import { onClock } from '../billing/time/moments.ts';
import { endSubscription } from '../billing/subscriptions/cancel.ts';
import { isLiving } from '../billing/subscriptions/store.ts';
import { change } from '../billing/subscriptions/update.ts';
import { idOf } from '../kinds.ts';
import { Realm } from '../realm.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { notice, page } from './layout.ts';
import { portalView } from './portal-view.ts';

const INVOICES_SHOWN = 12;

interface Visit {
  realm: Realm;
  session: Stripe.BillingPortal.Session;
  customer: string;
}

/** What a button does, and the sentence that tells of it; undefined when it may not be done. */
type Action = (visit: Visit, id: string) => string | undefined;

const ACTIONS: Readonly<Record<string, Action>> = {
  cancel: (visit, id) => {
    const subscription = ownSubscription(visit, id);
    if (!subscription || !featuresOf(visit).subscription_cancel.enabled) return undefined;
    const there = onClock(visit.realm, subscription);
    if (featuresOf(visit).subscription_cancel.mode === 'immediately') {
      endSubscription(there, id, 'cancellation_requested');
      return 'Your subscription was canceled.';
    }
    change(askedBy(there, { cancel_at_period_end: true }), subscription);
    return 'Your subscription will end with its period.';
  },
  keep: (visit, id) => {
    const subscription = ownSubscription(visit, id);
    if (!subscription || !featuresOf(visit).subscription_cancel.enabled) return undefined;
    change(askedBy(onClock(visit.realm, subscription), { cancel_at_period_end: false }), subscription);
    return 'Your subscription goes on.';
  },
  default: ({ realm, customer, ...visit }, id) => {
    if (realm.get('payment_method', id)?.customer !== customer) return undefined;
    if (!featuresOf({ realm, customer, ...visit }).payment_method_update.enabled) return undefined;
    const { invoice_settings: settings } = realm.need('customer', customer);
    const invoice_settings = { ...settings, default_payment_method: id };
    const after = realm.change('customer', customer, { invoice_settings });
    realm.emit('customer.updated', after, { invoice_settings: settings });
    return 'Your default payment method was changed.';
  },
};

/** The customer portal: what `billing_portal.session.url` shows. */
export function portalPage({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const secret = request.path.split('/').at(-1) ?? '';
  const row = findSession(engine.store, secret);
  const session = row?.object as unknown as Stripe.BillingPortal.Session | undefined;
  if (!row || !session)
    return notice('Nothing here', 'This link is not valid, or not any more.', undefined, 404);
  const visit = { realm: new Realm(engine, row, null), session, customer: session.customer };
  if (!visit.realm.get('customer', visit.customer))
    return notice('Nothing here', 'This customer was deleted.', undefined, 404);
  if (request.method !== 'POST') return show(visit, null);
  const form = new URLSearchParams(request.body);
  const action = ACTIONS[form.get('action') ?? ''];
  const said = engine.store.transaction(() => action?.(visit, form.get('id') ?? ''));
  return show(visit, said ?? 'That is not possible here.');
}

function show(visit: Visit, said: string | null): WebAnswer {
  const { realm, session, customer } = visit;
  const view = {
    customer: realm.need('customer', customer),
    subscriptions: realm.where('subscription', 'customer', customer).filter(isLiving),
    methods: realm.where('payment_method', 'customer', customer),
    invoices: realm.where('invoice', 'customer', customer).toReversed().slice(0, INVOICES_SHOWN),
    features: featuresOf(visit),
    returnUrl: session.return_url,
    said,
    nameOf: (product: string) => realm.get('product', product)?.name ?? product,
  };
  return page({ title: 'Customer portal', body: portalView(view) });
}

function ownSubscription({ realm, customer }: Visit, id: string): Stripe.Subscription | undefined {
  const subscription = realm.get('subscription', id);
  return subscription && idOf(subscription.customer) === customer && isLiving(subscription)
    ? subscription
    : undefined;
}

function featuresOf({ realm, session }: Visit): Stripe.BillingPortal.Configuration.Features {
  return realm.need('billing_portal.configuration', idOf(session.configuration) ?? '').features;
}

function askedBy(realm: Realm, params: Record<string, unknown>) {
  return { realm, params, version: realm.engine.settings.apiVersion, magic: new Map<string, string>() };
}

function findSession(store: SiteParts['engine']['store'], secret: string) {
  for (const row of store.everywhere('billing_portal.session'))
    if (row.hidden?.['secret'] === secret) return row;
  return undefined;
}
