import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { differences } from '../../server/hashes.ts';
import { answer } from '../params.ts';
import { planInvoice } from './agenda.ts';

type Invoice = Stripe.Invoice;

/**
 * Marks an invoice as paid, `by` a payment or, without one, because nothing was due; and tells so: see
 * docs.stripe.com/billing/invoices/webhooks.
 */
export function settle(realm: Realm, before: Invoice, by?: Stripe.InvoicePayment): Invoice {
  const paid = realm.change('invoice', before.id, {
    amount_paid: before.amount_paid + (by?.amount_paid ?? 0),
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...before.status_transitions, paid_at: realm.now },
  });
  realm.emit('invoice.updated', paid, differences(answer(before), answer(paid)));
  realm.emit('invoice.paid', paid);
  realm.emit('invoice.payment_succeeded', paid);
  if (by) realm.emit('invoice_payment.paid', by);
  return afterPayment(realm, paid);
}

/** Marks an invoice as paid in some other way than through Stripe. */
export function settleElsewhere(realm: Realm, before: Invoice): Invoice {
  const paid = realm.change('invoice', before.id, {
    amount_paid: before.amount_due,
    amount_paid_off_stripe: before.amount_due - before.amount_paid,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...before.status_transitions, paid_at: realm.now },
  });
  realm.emit('invoice.updated', paid, differences(answer(before), answer(paid)));
  realm.emit('invoice.paid', paid);
  return afterPayment(realm, paid);
}

function afterPayment(realm: Realm, paid: Invoice): Invoice {
  planInvoice(realm, paid.id);
  markDelinquent(realm, paid, false);
  return realm.need('invoice', paid.id);
}

/** A customer is delinquent while their latest charged invoice was not paid. */
export function markDelinquent(realm: Realm, invoice: Invoice, delinquent: boolean): void {
  const customer = realm.get('customer', idOf(invoice.customer));
  if (!customer || (customer.delinquent ?? false) === delinquent) return;
  const after = realm.change('customer', customer.id, { delinquent });
  realm.emit('customer.updated', after, { delinquent: customer.delinquent ?? null });
}
