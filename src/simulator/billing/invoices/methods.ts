import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';

/**
 * What an invoice is to be paid with: its own method, else its subscription's, else the customer's; see
 * docs.stripe.com/billing/subscriptions/payment-methods-setting#how-payment-methods-are-used.
 */
export function methodFor(realm: Realm, invoice: Stripe.Invoice): Stripe.PaymentMethod | undefined {
  const subscription = realm.get('subscription', idOf(invoice.parent?.subscription_details?.subscription));
  return (
    realm.get('payment_method', idOf(invoice.default_payment_method)) ??
    methodOf(realm, subscription, realm.get('customer', idOf(invoice.customer)))
  );
}

/** What a subscription or, without one of its own, its customer would pay with. */
export function methodOf(
  realm: Realm,
  subscription: Pick<Stripe.Subscription, 'default_payment_method' | 'default_source'> | undefined,
  customer: Stripe.Customer | undefined,
): Stripe.PaymentMethod | undefined {
  const ids = [
    idOf(subscription?.default_payment_method),
    idOf(subscription?.default_source),
    idOf(customer?.invoice_settings?.default_payment_method),
    idOf(customer?.default_source),
  ];
  const known = ids.find((id) => id !== null && realm.get('payment_method', id));
  return realm.get('payment_method', known);
}
