import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { refused } from '../../server/errors.ts';
import { emptyList, listPage } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { createInvoice, updateInvoice } from './create.ts';
import { addLines, listLines, removeLines, updateLine, updateLines } from './edit-lines.ts';
import { deleteDraft, markUncollectible, voidInvoice } from './endings.ts';
import { finalizeInvoice } from './finalize.ts';
import { invoiceFollows } from './follow.ts';
import { intentOf, notePayment, paymentsOf } from './intents.ts';
import { payInvoice } from './pay.ts';

type Invoice = Stripe.Invoice;

/** docs.stripe.com/api/invoices */
export const invoices: Resource = {
  routes: {
    'POST /v1/invoices': createInvoice,
    'POST /v1/invoices/{}': updateInvoice,
    'DELETE /v1/invoices/{}': withInvoice((realm, { id }) => deleteDraft(realm, id)),
    'POST /v1/invoices/{}/add_lines': addLines,
    'POST /v1/invoices/{}/attach_payment': attachPayment,
    'POST /v1/invoices/{}/finalize': withInvoice((realm, { id }, { params }) =>
      finalizeInvoice(realm, id, (params['auto_advance'] as boolean | undefined) ?? true),
    ),
    'GET /v1/invoice_payments': listPayments,
    'GET /v1/invoices/{}/lines': listLines,
    'POST /v1/invoices/{}/lines/{}': updateLine,
    'POST /v1/invoices/{}/mark_uncollectible': withInvoice((realm, { id }) => markUncollectible(realm, id)),
    'POST /v1/invoices/{}/pay': payInvoice,
    'POST /v1/invoices/{}/remove_lines': removeLines,
    'POST /v1/invoices/{}/send': withInvoice(sendInvoice),
    'POST /v1/invoices/{}/update_lines': updateLines,
    'POST /v1/invoices/{}/void': withInvoice((realm, { id }) => voidInvoice(realm, id)),
  },
  includes: {
    'invoice.payments': (realm, { id = '' }) => ({
      ...emptyList('/v1/invoices/payments'),
      data: paymentsOf(realm, id),
    }),
    'invoice.confirmation_secret': (realm, { id = '', status }) => secretOf(realm, id, status),
  },
  follows: invoiceFollows,
  live: {
    // A simulator with kept state may come back at another port.
    invoice: ({ engine: { settings } }, invoice) => {
      const page = invoice['hosted_invoice_url'] as string | null | undefined;
      if (!page || page.startsWith(settings.url)) return invoice;
      const hosted_invoice_url = `${settings.url}${new URL(page).pathname}`;
      return { ...invoice, hosted_invoice_url, invoice_pdf: `${hosted_invoice_url}/pdf` };
    },
  },
};

/** Finalizes what is still a draft, and tells that the invoice went to its customer by mail. */
function sendInvoice(realm: Realm, before: Invoice): Invoice {
  if (before.status === 'void' || before.status === 'paid')
    throw refused(`You cannot send an invoice that is ${before.status}.`);
  if (before.collection_method !== 'send_invoice')
    throw refused('You can only manually send an invoice if its collection method is `send_invoice`.');
  if (before.customer_email === null)
    throw refused(
      'Missing email. In order to send invoices to the customer, the customer must have a valid email.',
      { code: 'email_invalid' },
    );
  const open = before.status === 'draft' ? finalizeInvoice(realm, before.id, true) : before;
  realm.emit('invoice.sent', open);
  return open;
}

/** Runs on the test clock of the invoice, if it has one. */
function withInvoice(work: (realm: Realm, invoice: Invoice, call: Call) => object) {
  return (call: Call): StripeObject => {
    const invoice = call.realm.named('invoice', call.ids[0] ?? '', 'invoice');
    return answer(work(onClock(call.realm, invoice), invoice, call));
  };
}

/** POST /v1/invoices/{}/attach_payment: another intent pays this invoice, or a part of it. */
function attachPayment({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const invoice = realm.named('invoice', id, 'invoice');
  if (invoice.status !== 'open')
    throw refused(`You can only attach payments to open invoices. This invoice is ${invoice.status}.`);
  const intent = realm.need('payment_intent', text(params, 'payment_intent') ?? '', 'payment_intent');
  if (idOf(intent.customer) !== idOf(invoice.customer))
    throw refused('The PaymentIntent belongs to another customer than the invoice.', {
      param: 'payment_intent',
    });
  const there = onClock(realm, invoice);
  notePayment(there, invoice, intent.id, {
    amount_requested: Math.min(intent.amount, invoice.amount_remaining),
    is_default: false,
    status: 'open',
  });
  if (intent.status === 'succeeded') invoiceFollows['payment_intent.succeeded']?.(there, answer(intent));
  return answer(realm.need('invoice', id));
}

function secretOf(realm: Realm, id: string, status: unknown): StripeObject | null {
  const secret = intentOf(realm, id)?.client_secret;
  if (!secret || status === 'draft') return null;
  return { client_secret: secret, type: 'payment_intent' };
}

/** Payments of one PaymentIntent are found by it; all others by what the list is filtered by. */
function listPayments({ realm, params, path }: Call): StripeObject {
  const { payment, ...filters } = params;
  const intent = (payment as { payment_intent?: string } | undefined)?.payment_intent;
  const table = realm.engine.store.table(realm, 'invoice_payment');
  const rows = intent === undefined ? undefined : table.where('intent', intent);
  return listPage({ realm, kind: 'invoice_payment', params: filters, url: path, rows });
}
