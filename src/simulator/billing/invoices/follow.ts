import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { changeBalance } from '../credit/balance.ts';
import { answer } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { planInvoice } from './agenda.ts';
import { nextTry } from './retries.ts';
import { markDelinquent, settle } from './settle.ts';

type Invoice = Stripe.Invoice;
type Payment = Stripe.InvoicePayment;

/** What happens to an invoice when something happens to its PaymentIntent, whoever confirmed that. */
export const invoiceFollows: Readonly<Record<string, (realm: Realm, object: StripeObject) => void>> = {
  'payment_intent.succeeded': (realm, intent) => withInvoice(realm, intent, paymentSucceeded),
  'payment_intent.payment_failed': (realm, intent) =>
    withInvoice(realm, intent, (there, invoice) => paymentFailed(there, invoice)),
  'payment_intent.requires_action': (realm, intent) =>
    withInvoice(realm, intent, (there, invoice) => {
      const after = paymentFailed(there, invoice);
      there.emit('invoice.payment_action_required', after);
    }),
  'payment_intent.processing': (realm, intent) =>
    withInvoice(realm, intent, (there, invoice) => {
      tried(there, invoice, { next_payment_attempt: null });
    }),
};

type Reaction = (realm: Realm, invoice: Invoice, payment: Payment, intent: Stripe.PaymentIntent) => void;

function withInvoice(realm: Realm, object: StripeObject, react: Reaction): void {
  const intent = object as unknown as Stripe.PaymentIntent;
  const [payment] = realm.where('invoice_payment', 'intent', intent.id);
  const invoice = realm.get('invoice', idOf(payment?.invoice));
  if (payment && invoice) react(onClock(realm, invoice), invoice, payment, intent);
}

function paymentSucceeded(
  realm: Realm,
  invoice: Invoice,
  payment: Payment,
  { amount_received: received }: Stripe.PaymentIntent,
): void {
  if (payment.status === 'paid') return;
  const paid = realm.change('invoice_payment', payment.id, {
    amount_paid: received,
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: realm.now },
  });
  const owed = invoice.status === 'open' || invoice.status === 'uncollectible' ? invoice.amount_remaining : 0;
  if (received > owed) overpaid(realm, invoice, received - owed);
  const counted = realm.change('invoice', invoice.id, attemptOf(realm, invoice));
  if (owed > 0 && received >= owed) {
    settle(realm, counted, { ...paid, amount_paid: owed });
    return;
  }
  const after = realm.change('invoice', invoice.id, {
    amount_paid: counted.amount_paid + Math.min(owed, received),
    amount_remaining: counted.amount_remaining - Math.min(owed, received),
  });
  realm.emit('invoice.updated', after, differences(answer(invoice), answer(after)));
  realm.emit('invoice_payment.paid', paid);
}

function overpaid(realm: Realm, invoice: Invoice, amount: number): void {
  const { currency, id } = invoice;
  changeBalance(realm, idOf(invoice.customer) ?? '', {
    amount: -amount,
    currency,
    type: 'adjustment',
    description: `Overpayment of invoice ${invoice.number ?? id}`,
    invoice: id,
  });
  const after = realm.change('invoice', id, { amount_overpaid: invoice.amount_overpaid + amount });
  realm.emit('invoice.overpaid', after);
}

/** A try failed, or waits for the buyer: the next one is planned, or none is left. */
export function paymentFailed(realm: Realm, invoice: Invoice, hasMethod = true): Invoice {
  if (invoice.status !== 'open') return invoice;
  const counted = attemptOf(realm, invoice);
  const next = nextTry(realm, { ...invoice, ...counted });
  // Where there is nothing to charge, another try would be none.
  const after = tried(realm, invoice, { next_payment_attempt: hasMethod ? next.at : null });
  realm.emit('invoice.payment_failed', after);
  markDelinquent(realm, after, true);
  return realm.need('invoice', invoice.id);
}

function tried(realm: Realm, invoice: Invoice, changes: Partial<Invoice>): Invoice {
  const after = realm.change('invoice', invoice.id, { ...attemptOf(realm, invoice), ...changes });
  realm.emit('invoice.updated', after, differences(answer(invoice), answer(after)));
  return planInvoice(realm, invoice.id);
}

/** Any try counts as the first one; after it only those that were made by themselves count. */
function attemptOf(realm: Realm, { id, attempted, attempt_count }: Invoice): Partial<Invoice> {
  const { automatic } = realm.hidden('invoice', id);
  const counts = !attempted || automatic === true;
  return { attempted: true, attempt_count: attempt_count + (counts ? 1 : 0) };
}
