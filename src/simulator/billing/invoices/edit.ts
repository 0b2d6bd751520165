import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import { answer } from '../params.ts';
import { planInvoice } from './agenda.ts';
import { recompute } from './totals.ts';

/** The invoice of this id, which must still be a draft. */
export function needDraft(realm: Realm, id: string): Stripe.Invoice {
  const invoice = realm.named('invoice', id, 'invoice');
  if (invoice.status === 'draft') return invoice;
  throw refused(`Invoice ${id} is finalized: its lines and amounts can no longer be changed.`, {
    code: 'invoice_not_editable',
  });
}

/** Works the draft out anew after a change and tells what became different. */
export function refreshed(realm: Realm, before: Stripe.Invoice): Stripe.Invoice {
  const after = recompute(realm, before.id);
  const previous = differences(answer(before), answer(after));
  planInvoice(realm, before.id);
  if (Object.keys(previous).length > 0) realm.emit('invoice.updated', after, previous);
  return after;
}
