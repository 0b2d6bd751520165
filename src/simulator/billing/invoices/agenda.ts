import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { wakeAt } from '../time/moments.ts';

/** When time alone next changes the invoice: it is finalized, tried again, or becomes overdue. */
function nextOfInvoice(realm: Realm, invoice: Stripe.Invoice): number | null {
  if (invoice.status === 'draft') return invoice.automatically_finalizes_at;
  if (invoice.status !== 'open') return null;
  if (invoice.next_payment_attempt !== null) return invoice.next_payment_attempt;
  const { overdue } = realm.hidden('invoice', invoice.id);
  return overdue === true ? null : invoice.due_date;
}

/** Plans what time will do to the invoice as it is now. */
export function planInvoice(realm: Realm, id: string): Stripe.Invoice {
  const invoice = realm.need('invoice', id);
  wakeAt(realm, 'invoice', invoice, nextOfInvoice(realm, invoice));
  return invoice;
}
