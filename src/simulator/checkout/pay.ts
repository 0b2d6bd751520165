import type Stripe from 'stripe';
import { newCustomer } from '../customers/new-customer.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { confirmIntent } from '../payments/confirm.ts';
import type { Refusal } from '../payments/declines.ts';
import { confirmSetup } from '../payments/setup.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';
import { makeIntent } from '../payments/make-intent.ts';
import { invoiceOf } from './invoice.ts';
import { details } from './session.ts';
import { bought, firstIntent, subscriptionOf } from './subscription.ts';

type Session = Stripe.Checkout.Session;

/** Who pays, as typed on the page. */
export interface Buyer {
  email: string | null;
  name: string | null;
  phone?: string | null;
  address?: Stripe.Address | null;
}

/** Where a payment stands after a click on "Pay". */
export interface Paid {
  session: Session;
  /** The intent that waits for the buyer, when there is one. */
  intent: Stripe.PaymentIntent | Stripe.SetupIntent | null;
  refusal?: Refusal;
}

/**
 * Pays a session with a method. `returnUrl` is where the bank's page leads back to; without one it is a
 * dialog.
 */
export function paySession(
  realm: Realm,
  session: Session,
  method: Stripe.PaymentMethod,
  buyer: Buyer,
  returnUrl: string | null,
): Paid {
  if (session.status !== 'open') throw notOpen(session);
  const known = realm.change('checkout.session', session.id, {
    customer_details: {
      ...details(buyer.email, buyer.name),
      phone: buyer.phone ?? null,
      address: buyer.address ?? null,
    },
  });
  if (known.mode === 'setup') return setUp(realm, known, method, returnUrl);
  if (known.mode === 'subscription') return subscribe(realm, known, method, returnUrl);
  if (known.amount_total === 0)
    return { session: complete(realm, known, 'no_payment_required'), intent: null };
  const customer = customerOf(realm, known);
  const intent = intentOf(realm, realm.need('checkout.session', known.id), customer);
  const confirmed = confirmIntent(realm, intent, {
    method,
    offSession: false,
    failOnAction: false,
    returnUrl,
  });
  followIntent(realm, confirmed.intent);
  return { ...confirmed, session: realm.need('checkout.session', session.id) };
}

/**
 * Lets the session of an intent follow it: complete when it is paid or on its way, and later paid or failed
 * when a delayed method has come to its end.
 */
export function followIntent(realm: Realm, intent: Stripe.PaymentIntent | Stripe.SetupIntent): void {
  const [session] = realm.where('checkout.session', intent.object, intent.id);
  const hidden = session ?? realm.get('checkout.session', sessionBehind(realm, intent));
  if (!hidden) return;
  if (hidden.status === 'open') completeIfPaid(realm, hidden, intent.object, intent.status);
  else if (hidden.status === 'complete' && hidden.payment_status === 'unpaid')
    settleLater(realm, hidden, intent);
}

/** Closes a session that was not paid. */
export function expireSession(realm: Realm, session: Session): Session {
  if (session.status !== 'open') throw notOpen(session);
  const expired = realm.change('checkout.session', session.id, { status: 'expired', url: null });
  realm.emit('checkout.session.expired', expired);
  return expired;
}

/** The first payment of a subscription or, if nothing is due yet, its method. */
function subscribe(
  realm: Realm,
  session: Session,
  method: Stripe.PaymentMethod,
  returnUrl: string | null,
): Paid {
  const subscription = subscriptionOf(realm, session, customerOf(realm, session) ?? '');
  const intent = firstIntent(realm, subscription);
  const now = realm.need('checkout.session', session.id);
  if (!intent) return { session: complete(realm, now, 'no_payment_required'), intent: null };
  realm.conceal(intent.object, intent.id, { session: session.id });
  const result =
    intent.object === 'setup_intent'
      ? confirmSetup(realm, intent, method, returnUrl)
      : confirmIntent(realm, intent, { method, offSession: false, failOnAction: false, returnUrl });
  followIntent(realm, result.intent);
  return { ...result, session: realm.need('checkout.session', session.id) };
}

function completeIfPaid(realm: Realm, session: Session, kind: string, status: string): void {
  if (kind === 'setup_intent' && status === 'succeeded') complete(realm, session, 'no_payment_required');
  else if (status === 'succeeded') complete(realm, session, 'paid');
  else if (status === 'processing' || status === 'requires_capture') complete(realm, session, 'unpaid');
}

function settleLater(
  realm: Realm,
  session: Session,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
): void {
  if (intent.status === 'succeeded') {
    const paid = realm.change('checkout.session', session.id, { payment_status: 'paid' });
    const delayed =
      idOf(intent.payment_method) !== null && realm.get('payment_method', idOf(intent.payment_method))?.type;
    if (delayed !== 'card') realm.emit('checkout.session.async_payment_succeeded', paid);
  } else if (intent.status === 'requires_payment_method')
    realm.emit('checkout.session.async_payment_failed', session);
}

function complete(realm: Realm, session: Session, paymentStatus: Session['payment_status']): Session {
  const customer =
    idOf(session.customer) ?? (session.customer_creation === 'always' ? customerOf(realm, session) : null);
  const { subscription } = realm.hidden('checkout.session', session.id);
  const wantsInvoice = session.invoice_creation?.enabled === true && paymentStatus === 'paid';
  const done = realm.change('checkout.session', session.id, {
    ...(customer !== null && { customer }),
    ...(wantsInvoice && customer && { invoice: invoiceOf(realm, session, customer) }),
    ...(subscription !== undefined && bought(realm, subscription, methodOf(realm, subscription))),
    collected_information: {
      business_name: null,
      individual_name: null,
      shipping_details: null,
      ...session.collected_information,
    },
    payment_status: paymentStatus,
    status: 'complete',
    url: null,
  });
  const event = realm.emit('checkout.session.completed', done);
  realm.conceal('checkout.session', session.id, { completedEvent: event });
  return done;
}

/** What the first payment was made with. */
function methodOf(realm: Realm, subscription: string): string | null {
  return idOf(firstIntent(realm, realm.need('subscription', subscription))?.payment_method);
}

function setUp(realm: Realm, session: Session, method: Stripe.PaymentMethod, returnUrl: string | null): Paid {
  const intent = realm.need('setup_intent', idOf(session.setup_intent) ?? '');
  const customer = customerOf(realm, session);
  const owned = customer === undefined ? intent : realm.change('setup_intent', intent.id, { customer });
  const result = confirmSetup(realm, owned, method, returnUrl);
  followIntent(realm, result.intent);
  return { ...result, session: realm.need('checkout.session', session.id) };
}

/** The session's intent, made at the first try and kept for the next ones. */
function intentOf(realm: Realm, session: Session, customer: string | undefined): Stripe.PaymentIntent {
  const existing = idOf(session.payment_intent);
  if (existing !== null) return realm.need('payment_intent', existing);
  const { params } = realm.hidden('checkout.session', session.id);
  const data = (params?.['payment_intent_data'] ?? {}) as Params;
  const intent = makeIntent(realm, {
    ...data,
    amount: session.amount_total,
    currency: session.currency,
    ...(customer === undefined ? { customer_account: session.customer_account } : { customer }),
    ...(session.allowed_payment_method_types && {
      allowed_payment_method_types: session.payment_method_types,
    }),
  });
  const typed = realm.change('payment_intent', intent.id, {
    payment_method_types: session.payment_method_types,
  });
  realm.change('checkout.session', session.id, { payment_intent: intent.id });
  realm.conceal('payment_intent', intent.id, { session: session.id });
  realm.emit('payment_intent.created', typed);
  return typed;
}

/** The buyer as a customer: the one given, or a new one if the session must have one. */
function customerOf(realm: Realm, session: Session): string | undefined {
  const given = idOf(session.customer);
  if (given !== null) return given;
  // An account of /v2 is its own customer.
  if (session.customer_account !== null && session.mode !== 'subscription') return undefined;
  const { params } = realm.hidden('checkout.session', session.id);
  const later = (params?.['payment_intent_data'] as Params | undefined)?.['setup_future_usage'] !== undefined;
  if (session.customer_creation !== 'always' && session.mode === 'payment' && !later) return undefined;
  const { email = null, name = null, phone = null } = session.customer_details ?? {};
  const customer = newCustomer(realm, { email, name, phone });
  realm.emit('customer.created', customer);
  realm.change('checkout.session', session.id, { customer: customer.id });
  return customer.id;
}

function sessionBehind(realm: Realm, intent: Stripe.PaymentIntent | Stripe.SetupIntent): string | undefined {
  return realm.hidden(intent.object, intent.id).session;
}

function notOpen(session: Session): Error {
  const message =
    session.status === 'complete'
      ? 'This Checkout Session has already been completed.'
      : `This Checkout Session is no longer active: it has a status of ${session.status}, not open.`;
  return refused(message);
}
