import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { BASIL, NOVEMBER_2022 } from './names.ts';
import { embeddedList, type OlderField } from './older-field.ts';

/** What payment intents and charges showed before they were freed of invoices and of lists. */
export const OLDER_PAYMENTS: readonly OlderField[] = [
  { before: BASIL, kind: 'payment_intent', field: 'invoice', holds: ['invoice'], was: invoiceOf },
  {
    before: BASIL,
    kind: 'charge',
    field: 'invoice',
    holds: ['invoice'],
    was: (realm, charge) => {
      const intent = charge['payment_intent'] as Stripe.Charge['payment_intent'];
      return invoiceOf(realm, { id: idOf(intent) ?? '' });
    },
  },
  {
    before: NOVEMBER_2022,
    kind: 'payment_intent',
    field: 'charges',
    was: (realm, { id = '' }) => {
      const charges = realm.where('charge', 'payment_intent', id).toReversed();
      return embeddedList(`/v1/charges?payment_intent=${id}`, charges);
    },
  },
  {
    before: NOVEMBER_2022,
    kind: 'charge',
    field: 'refunds',
    was: (realm, { id = '' }) => {
      const refunds = realm.where('refund', 'charge', id).toReversed();
      return embeddedList(`/v1/charges/${id}/refunds`, refunds);
    },
  },
];

/** The invoice that an intent pays. */
function invoiceOf(realm: Realm, { id = '' }: StripeObject): string | null {
  const [payment] = realm.where('invoice_payment', 'intent', id);
  return idOf(payment?.invoice);
}
