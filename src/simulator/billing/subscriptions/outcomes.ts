import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { StripeObject } from '../../store/store.ts';
import { intentOf } from '../invoices/intents.ts';
import { nextTry } from '../invoices/retries.ts';
import { endSubscription } from './cancel.ts';
import { resumed } from './pause.ts';
import { applyPending, dropPending } from './pending.ts';
import { alter, type Subscription } from './store.ts';

type Invoice = Stripe.Invoice;

const OPEN_STATUSES = new Set(['open', 'draft']);

/** What becomes of a subscription when something happens to one of its invoices. */
export const subscriptionFollows: Readonly<Record<string, (realm: Realm, object: StripeObject) => void>> = {
  // It begins, or goes on, once its invoice is paid.
  'invoice.paid': (realm, invoice) => withSubscription(realm, invoice, paid),
  // It is past due after the first try that failed, and over after the last.
  'invoice.payment_failed': (realm, invoice) => withSubscription(realm, invoice, failed),
  // A debit that is on its way lets it begin already.
  'invoice.updated': (realm, invoice) => withSubscription(realm, invoice, updated),
  // Nobody waits for this invoice any longer.
  'invoice.voided': (realm, invoice) => withSubscription(realm, invoice, dropped),
  'invoice.marked_uncollectible': (realm, invoice) => withSubscription(realm, invoice, dropped),
  // A sent invoice was not paid in time.
  'invoice.overdue': (realm, invoice) =>
    withSubscription(realm, invoice, (there, { id, status }) => {
      if (status === 'active') alter(there, id, { status: 'past_due' });
    }),
};

function withSubscription(
  realm: Realm,
  object: StripeObject,
  react: (realm: Realm, subscription: Subscription, invoice: Invoice) => void,
): void {
  const invoice = object as unknown as Invoice;
  const subscription = realm.get('subscription', realm.hidden('invoice', invoice.id).subscription);
  if (subscription) react(realm, subscription, invoice);
}

function paid(realm: Realm, subscription: Subscription, invoice: Invoice): void {
  const { firstInvoice, pending, resumption } = realm.hidden('subscription', subscription.id);
  keepMethod(realm, subscription, invoice);
  if (pending?.invoice === invoice.id) applyPending(realm, subscription);
  else if (resumption === invoice.id) resumed(realm, subscription.id);
  else if (subscription.status === 'incomplete' && (firstInvoice ?? invoice.id) === invoice.id)
    alter(realm, subscription.id, { status: 'active' });
  else if (isBehind(subscription) && !owesMore(realm, subscription, invoice))
    alter(realm, subscription.id, { status: 'active' });
}

function failed(realm: Realm, subscription: Subscription, invoice: Invoice): void {
  const { id, status } = subscription;
  // Of the three things that the Dashboard offers for the end of all tries, it begins with this one.
  if (nextTry(realm, invoice).over) endSubscription(realm, id, 'payment_failed');
  else if (status === 'active' && idOf(subscription.latest_invoice) === invoice.id)
    if (!realm.hidden('subscription', id).pending) alter(realm, id, { status: 'past_due' });
}

function updated(realm: Realm, { id, status }: Subscription, invoice: Invoice): void {
  if (status !== 'incomplete' || intentOf(realm, invoice.id)?.status !== 'processing') return;
  alter(realm, id, { status: 'active' });
}

function dropped(realm: Realm, subscription: Subscription, invoice: Invoice): void {
  const { pending, resumption } = realm.hidden('subscription', subscription.id);
  if (pending?.invoice === invoice.id) dropPending(realm, subscription);
  else if (resumption === invoice.id && invoice.status === 'uncollectible') resumed(realm, subscription.id);
  else if (subscription.status === 'incomplete' && invoice.status === 'void')
    alter(realm, subscription.id, { status: 'incomplete_expired', ended_at: realm.now });
  else if (isBehind(subscription) && !owesMore(realm, subscription, invoice))
    alter(realm, subscription.id, { status: 'active' });
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
