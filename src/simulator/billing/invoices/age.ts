import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { StripeError } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import { answer } from '../params.ts';
import { planInvoice } from './agenda.ts';
import { collect } from './collect.ts';
import { finalizeInvoice } from './finalize.ts';
import { paymentFailed } from './follow.ts';

type Invoice = Stripe.Invoice;

/** What time alone does to an invoice: it is finalized and collected, tried again, or becomes overdue. */
export function ageInvoice(realm: Realm, id: string): void {
  const invoice = realm.get('invoice', id);
  if (!invoice) return;
  const { automatically_finalizes_at: end, next_payment_attempt: next, due_date: due } = invoice;
  if (invoice.status === 'draft' && end !== null && end <= realm.now) advance(realm, invoice);
  else if (invoice.status === 'open' && next !== null && next <= realm.now) tryAgain(realm, id);
  else if (invoice.status === 'open' && due !== null && due <= realm.now) overdue(realm, invoice);
  if (realm.get('invoice', id)) planInvoice(realm, id);
}

/** Ends a draft whose hour is over, and charges it or mails it. */
function advance(realm: Realm, { id }: Invoice): void {
  const refusal = refusedWith(realm, () => finalizeInvoice(realm, id, true));
  const after = realm.need('invoice', id);
  if (refusal) {
    finalizationFailed(realm, after, refusal);
    return;
  }
  if (after.status !== 'open') return;
  if (after.collection_method === 'charge_automatically') tryAgain(realm, id);
  else if (after.customer_email !== null) realm.emit('invoice.sent', after);
}

/** A try by itself; what a caller would be refused with is a payment that failed here. */
function tryAgain(realm: Realm, id: string): void {
  const refusal = refusedWith(realm, () => collect(realm, id, { automatic: true }));
  if (refusal) paymentFailed(realm, realm.need('invoice', id));
}

/** Nobody is there to be refused: the invoice says what is wrong with it and waits for its owner. */
function finalizationFailed(realm: Realm, before: Invoice, { body }: StripeError): void {
  const { type, message, code, param } = body;
  const after = realm.change('invoice', before.id, {
    automatically_finalizes_at: null,
    last_finalization_error: { type, message, ...(code && { code }), ...(param && { param }) },
  });
  realm.emit('invoice.updated', after, differences(answer(before), answer(after)));
  realm.emit('invoice.finalization_failed', after);
}

/** Does something, or nothing of it where it is refused. */
function refusedWith(realm: Realm, work: () => unknown): StripeError | undefined {
  try {
    realm.engine.store.attempt(work);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StripeError) return thrown;
    throw thrown;
  }
}

function overdue(realm: Realm, invoice: Invoice): void {
  if (realm.hidden('invoice', invoice.id).overdue === true) return;
  realm.conceal('invoice', invoice.id, { overdue: true });
  realm.emit('invoice.overdue', invoice);
}
