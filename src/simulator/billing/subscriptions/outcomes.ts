import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { intentOf } from '../invoices/intents.ts';
import { endSubscription } from './cancel.ts';
import { resumed } from './pause.ts';
import { applyPending, dropPending } from './pending.ts';
import { alter, type Subscription } from './store.ts';

type Invoice = Stripe.Invoice;

const OPEN_STATUSES = new Set(['open', 'draft']);

/** A subscription begins, or goes on, once its invoice is paid. */
export function invoicePaid(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (!subscription) return;
  const { firstInvoice, pending, resumption } = realm.hidden('subscription', subscription.id);
  keepMethod(realm, subscription, invoice);
  if (pending?.invoice === invoice.id) applyPending(realm, subscription);
  else if (resumption === invoice.id) resumed(realm, subscription.id);
  else if (subscription.status === 'incomplete' && (firstInvoice ?? invoice.id) === invoice.id)
    alter(realm, subscription.id, { status: 'active' });
  else if (isBehind(subscription) && !owesMore(realm, subscription, invoice))
    alter(realm, subscription.id, { status: 'active' });
}

/** A running subscription is past due after the first try that failed. */
export function invoiceFailed(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (subscription?.status === 'active' && idOf(subscription.latest_invoice) === invoice.id)
    if (!realm.hidden('subscription', subscription.id).pending)
      alter(realm, subscription.id, { status: 'past_due' });
}

/** A debit is on its way: the subscription begins already. */
export function invoiceProcessing(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (subscription?.status === 'incomplete') alter(realm, subscription.id, { status: 'active' });
}

/** No try is left; of the three things that the Dashboard offers this is the one it begins with. */
export function retriesOver(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (subscription) endSubscription(realm, subscription.id, 'payment_failed');
}

/** Voided, or written off: nobody waits for this invoice any longer. */
export function invoiceDropped(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (!subscription) return;
  const { pending, resumption } = realm.hidden('subscription', subscription.id);
  if (pending?.invoice === invoice.id) dropPending(realm, subscription);
  else if (resumption === invoice.id && invoice.status === 'uncollectible') resumed(realm, subscription.id);
  else if (subscription.status === 'incomplete' && invoice.status === 'void')
    alter(realm, subscription.id, { status: 'incomplete_expired', ended_at: realm.now });
  else if (isBehind(subscription) && !owesMore(realm, subscription, invoice))
    alter(realm, subscription.id, { status: 'active' });
}

/** A sent invoice was not paid in time. */
export function invoiceOverdue(realm: Realm, invoice: Invoice): void {
  const subscription = subscriptionOf(realm, invoice);
  if (subscription?.status === 'active') alter(realm, subscription.id, { status: 'past_due' });
}

function subscriptionOf(realm: Realm, { id }: Invoice): Subscription | undefined {
  return realm.get('subscription', realm.hidden('invoice', id).subscription);
}

function isBehind({ status }: Subscription): boolean {
  return status === 'past_due' || status === 'unpaid';
}

function owesMore(realm: Realm, subscription: Subscription, { id }: Invoice): boolean {
  const latest = idOf(subscription.latest_invoice);
  return latest !== id && OPEN_STATUSES.has(realm.get('invoice', latest)?.status ?? '');
}

/** `save_default_payment_method=on_subscription`: what paid once pays the next time too. */
function keepMethod(realm: Realm, { id, payment_settings }: Subscription, invoice: Invoice): void {
  if (payment_settings?.save_default_payment_method !== 'on_subscription') return;
  const method = idOf(intentOf(realm, invoice.id)?.payment_method);
  if (method !== null) realm.change('subscription', id, { default_payment_method: method });
}
