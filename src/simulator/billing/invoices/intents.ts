import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import { makeIntent } from '../../payments/make-intent.ts';
import { methodTypes } from '../../payments/method-types.ts';
import type { Realm } from '../../realm.ts';
import { percentOf } from '../catalog/decimal.ts';

/** docs.stripe.com/api/payment_intents: `payment_details.order_reference` is cut off there. */
const REFERENCE_CHARS = 25;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
};

/** Makes the PaymentIntent by which an open invoice is to be paid, and notes it as the invoice's payment. */
export function requestPayment(realm: Realm, invoice: Stripe.Invoice): Stripe.InvoicePayment {
  const intent = intentFor(realm, invoice);
  realm.emit('payment_intent.created', intent);
  return notePayment(realm, invoice, intent.id, {
    amount_requested: invoice.amount_remaining,
    is_default: true,
    status: 'open',
  });
}

/** Notes that a PaymentIntent is for this invoice. */
export function notePayment(
  realm: Realm,
  invoice: Stripe.Invoice,
  intent: string,
  fields: Partial<Stripe.InvoicePayment>,
): Stripe.InvoicePayment {
  return realm.insert(
    'invoice_payment',
    {
      amount_paid: null,
      currency: invoice.currency,
      invoice: invoice.id,
      payment: { payment_intent: intent, type: 'payment_intent' },
      status_transitions: { canceled_at: null, paid_at: null },
      ...fields,
    },
    { intent },
  );
}

/** The invoice's payments, oldest first. */
export function paymentsOf(realm: Realm, invoice: string): Stripe.InvoicePayment[] {
  return realm.where('invoice_payment', 'invoice', invoice);
}

/** The payment that the invoice itself asks for; others were attached to it. */
export function defaultPayment(realm: Realm, invoice: string): Stripe.InvoicePayment | undefined {
  return paymentsOf(realm, invoice).findLast(({ is_default }) => is_default);
}

/** The PaymentIntent by which the invoice is to be paid. */
export function intentOf(realm: Realm, invoice: string): Stripe.PaymentIntent | undefined {
  return realm.get('payment_intent', idOf(defaultPayment(realm, invoice)?.payment.payment_intent));
}

/** Asks for another amount, after a credit note or a part payment. */
export function requestAmount(realm: Realm, invoice: Stripe.Invoice): void {
  const payment = defaultPayment(realm, invoice.id);
  const intent = intentOf(realm, invoice.id);
  if (!payment || !intent || intent.status === 'succeeded' || intent.status === 'canceled') return;
  realm.change('invoice_payment', payment.id, { amount_requested: invoice.amount_remaining });
  realm.change('payment_intent', intent.id, { amount: invoice.amount_remaining });
}

function intentFor(realm: Realm, invoice: Stripe.Invoice): Stripe.PaymentIntent {
  const { currency, amount_remaining: amount, parent } = invoice;
  const subscription = realm.get('subscription', idOf(parent?.subscription_details?.subscription));
  const settings = invoice.payment_settings;
  const types = settings.payment_method_types ?? methodTypes({}, currency);
  const later = subscription !== undefined && invoice.collection_method === 'charge_automatically';
  return makeIntent(realm, {
    ...realm.hidden('invoice', invoice.id).transfer,
    ...(subscription && share(subscription, amount)),
    amount,
    capture_method: 'automatic',
    currency,
    customer: idOf(invoice.customer),
    description: DESCRIPTIONS[invoice.billing_reason ?? ''] ?? 'Payment for Invoice',
    payment_details: { customer_reference: null, order_reference: invoice.id.slice(0, REFERENCE_CHARS) },
    payment_method_types: types,
    ...(settings.payment_method_options && { payment_method_options: settings.payment_method_options }),
    ...(invoice.on_behalf_of !== null && { on_behalf_of: invoice.on_behalf_of }),
    ...(invoice.statement_descriptor !== null && { statement_descriptor: invoice.statement_descriptor }),
    ...(later && { setup_future_usage: 'off_session' }),
  });
}

/** What platforms take of a subscription's payments, or pass on. */
function share(subscription: Stripe.Subscription, amount: number): Record<string, unknown> {
  const { application_fee_percent: percent, transfer_data: transfer } = subscription;
  const part = transfer?.amount_percent ?? null;
  return {
    ...(percent !== null && { application_fee_amount: percentOf(amount, percent) }),
    ...(transfer && {
      transfer_data: {
        destination: idOf(transfer.destination),
        ...(part !== null && { amount: percentOf(amount, part) }),
      },
    }),
  };
}
