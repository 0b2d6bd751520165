import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { refused } from '../../server/errors.ts';
import { changeBalance } from '../credit/balance.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { balanceIn, buyerOf } from './draft.ts';
import { notePayment, requestPayment } from './intents.ts';
import { settle } from './settle.ts';
import { planInvoice } from './agenda.ts';
import { recompute, settleBalance } from './totals.ts';

const NUMBER_DIGITS = 4;

/**
 * Ends the draft: the invoice gets its number, takes the customer's balance in, and asks for its money,
 * unless it is `paidBy` a PaymentIntent already.
 */
export function finalizeInvoice(
  realm: Realm,
  id: string,
  advances?: boolean,
  paidBy?: string,
): Stripe.Invoice {
  const draft = realm.need('invoice', id);
  if (draft.status !== 'draft')
    throw refused('This invoice is already finalized, you can’t re-finalize a non-draft invoice.', {
      code: 'invoice_not_editable',
    });
  const customer = realm.need('customer', idOf(draft.customer) ?? '');
  realm.change('invoice', id, {
    ...buyerOf(customer),
    starting_balance: balanceIn(customer, draft.currency),
  });
  const { total, starting_balance, currency } = recompute(realm, id);
  const { ending } = settleBalance(total, starting_balance, currency);
  useBalance(realm, id, customer.id, ending - starting_balance, currency);
  realm.change('invoice', id, {
    ...addresses(realm, id),
    auto_advance: advances ?? draft.auto_advance ?? false,
    automatically_finalizes_at: null,
    due_date: dueDate(realm, draft),
    effective_at: draft.effective_at ?? realm.now,
    ending_balance: ending,
    number: draft.number ?? nextNumber(realm, customer),
    rendering: printed(draft),
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: realm.now },
  });
  const open = recompute(realm, id);
  if (open.amount_due > 0 && paidBy === undefined) requestPayment(realm, open);
  realm.emit('invoice.finalized', open);
  if (open.amount_due === 0) return settle(realm, open);
  if (paidBy !== undefined) return settle(realm, open, paidAlready(realm, open, paidBy));
  return planInvoice(realm, id);
}

function paidAlready(realm: Realm, invoice: Stripe.Invoice, intent: string): Stripe.InvoicePayment {
  return notePayment(realm, invoice, intent, {
    amount_paid: invoice.amount_due,
    amount_requested: invoice.amount_due,
    is_default: true,
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: realm.now },
  });
}

function useBalance(realm: Realm, invoice: string, customer: string, amount: number, currency: string): void {
  if (amount !== 0) changeBalance(realm, customer, { amount, currency, type: 'applied_to_invoice', invoice });
}

/** `AB12CD34-0001`: the customer's prefix and a number of their own. */
function nextNumber(realm: Realm, customer: Stripe.Customer): string {
  const sequence = customer.next_invoice_sequence ?? 1;
  realm.change('customer', customer.id, { next_invoice_sequence: sequence + 1 });
  return `${customer.invoice_prefix ?? ''}-${String(sequence).padStart(NUMBER_DIGITS, '0')}`;
}

function addresses(realm: Realm, id: string): Partial<Stripe.Invoice> {
  const page = `${realm.engine.settings.url}/i/${id}/${realm.hidden('invoice', id).secret}`;
  return { hosted_invoice_url: page, invoice_pdf: `${page}/pdf` };
}

/** The paper is chosen when the invoice is printed: letters in the country of the simulated account. */
function printed({ rendering }: Stripe.Invoice): Stripe.Invoice['rendering'] {
  if (rendering?.pdf?.page_size !== 'auto') return rendering;
  return { ...rendering, pdf: { ...rendering.pdf, page_size: 'letter' } };
}

/** Days to pay are counted from now on, not from when the draft was begun. */
function dueDate(realm: Realm, { due_date, created }: Stripe.Invoice): number | null {
  if (due_date === null) return null;
  const days = Math.round((due_date - created) / DAY_SECONDS);
  return (due_date - created) % DAY_SECONDS === 0 ? realm.now + days * DAY_SECONDS : due_date;
}
