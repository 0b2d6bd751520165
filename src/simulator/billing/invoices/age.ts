import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { planInvoice } from './agenda.ts';
import { collect } from './collect.ts';
import { finalizeInvoice } from './finalize.ts';

/** What time alone does to an invoice: it is finalized and collected, tried again, or becomes overdue. */
export function ageInvoice(realm: Realm, id: string): void {
  const invoice = realm.get('invoice', id);
  if (!invoice) return;
  const { automatically_finalizes_at: end, next_payment_attempt: next, due_date: due } = invoice;
  if (invoice.status === 'draft' && end !== null && end <= realm.now) advance(realm, invoice);
  else if (invoice.status === 'open' && next !== null && next <= realm.now)
    collect(realm, id, { automatic: true });
  else if (invoice.status === 'open' && due !== null && due <= realm.now) overdue(realm, invoice);
  if (realm.get('invoice', id)) planInvoice(realm, id);
}

/** Ends a draft whose hour is over, and charges it or mails it. */
function advance(realm: Realm, { id }: Stripe.Invoice): void {
  const open = finalizeInvoice(realm, id, true);
  if (open.status !== 'open') return;
  if (open.collection_method === 'charge_automatically') collect(realm, id, { automatic: true });
  else if (open.customer_email !== null) realm.emit('invoice.sent', open);
}

function overdue(realm: Realm, invoice: Stripe.Invoice): void {
  if (realm.hidden('invoice', invoice.id).overdue === true) return;
  realm.conceal('invoice', invoice.id, { overdue: true });
  realm.emit('invoice.overdue', invoice);
}
