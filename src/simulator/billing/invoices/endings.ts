import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { changeBalance } from '../credit/balance.ts';
import { answer } from '../params.ts';
import { planInvoice } from './agenda.ts';
import { linesOf } from './lines.ts';
import { defaultPayment, intentOf } from './intents.ts';

type Invoice = Stripe.Invoice;

/** Gives an open invoice up for good, as if it had never been; its number stays used. */
export function voidInvoice(realm: Realm, id: string): Invoice {
  const before = realm.need('invoice', id);
  if (before.status !== 'open' && before.status !== 'uncollectible')
    throw refused(`You can only pass in open or uncollectible invoices. This invoice is ${before.status}.`, {
      code: 'status_transition_invalid',
    });
  dropPayment(realm, id);
  giveBalanceBack(realm, before);
  const after = realm.change('invoice', id, {
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...before.status_transitions, voided_at: realm.now },
  });
  planInvoice(realm, id);
  realm.emit('invoice.updated', after, differences(answer(before), answer(after)));
  realm.emit('invoice.voided', after);
  return realm.need('invoice', id);
}

/** Writes an open invoice off; it may still be paid later. */
export function markUncollectible(realm: Realm, id: string): Invoice {
  const before = realm.need('invoice', id);
  if (before.status !== 'open')
    throw refused(`You can only mark open invoices as uncollectible. This invoice is ${before.status}.`, {
      code: 'status_transition_invalid',
    });
  const after = realm.change('invoice', id, {
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_transitions: { ...before.status_transitions, marked_uncollectible_at: realm.now },
  });
  planInvoice(realm, id);
  realm.emit('invoice.updated', after, differences(answer(before), answer(after)));
  realm.emit('invoice.marked_uncollectible', after);
  return realm.need('invoice', id);
}

/** Deletes a draft that no subscription made; items that had been pending are so again. */
export function deleteDraft(realm: Realm, id: string): StripeObject {
  const draft = realm.need('invoice', id);
  if (draft.status !== 'draft' || realm.hidden('invoice', id).subscription !== undefined)
    throw refused('You can only delete draft invoices that are not part of a subscription.', {
      code: 'invoice_not_editable',
    });
  for (const line of linesOf(realm, id)) realm.remove('line_item', line.id);
  for (const item of realm.where('invoiceitem', 'invoice', id))
    realm.change('invoiceitem', item.id, { invoice: null });
  realm.remove('invoice', id);
  realm.emit('invoice.deleted', draft);
  return { id, object: 'invoice', deleted: true };
}

/** Stripe stops collecting what a canceled subscription still owes. */
export function stopCollecting(realm: Realm, subscription: string): void {
  for (const invoice of realm.where('invoice', 'subscription', subscription)) {
    if ((invoice.status !== 'open' && invoice.status !== 'draft') || invoice.auto_advance !== true) continue;
    const stopped = { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null };
    const after = realm.change('invoice', invoice.id, stopped);
    planInvoice(realm, invoice.id);
    realm.emit('invoice.updated', after, differences(answer(invoice), answer(after)));
  }
}

function dropPayment(realm: Realm, id: string): void {
  const intent = intentOf(realm, id);
  const payment = defaultPayment(realm, id);
  if (!intent || !payment || intent.status === 'succeeded' || intent.status === 'canceled') return;
  realm.change('invoice_payment', payment.id, {
    status: 'canceled',
    status_transitions: { ...payment.status_transitions, canceled_at: realm.now },
  });
  const canceled = realm.change('payment_intent', intent.id, {
    canceled_at: realm.now,
    cancellation_reason: 'void_invoice',
    next_action: null,
    status: 'canceled',
  });
  realm.emit('payment_intent.canceled', canceled);
}

function giveBalanceBack(realm: Realm, invoice: Invoice): void {
  const amount = invoice.starting_balance - (invoice.ending_balance ?? invoice.starting_balance);
  if (amount === 0) return;
  changeBalance(realm, idOf(invoice.customer) ?? '', {
    amount,
    currency: invoice.currency,
    type: 'unapplied_from_invoice',
    invoice: invoice.id,
  });
}
