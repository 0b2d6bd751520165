import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import { makeRefund } from '../../payments/refund.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import { emptyList } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { requestAmount, paymentsOf } from '../invoices/intents.ts';
import { settle } from '../invoices/settle.ts';
import { recompute } from '../invoices/totals.ts';
import { answer, list, number, text } from '../params.ts';
import { rehearse } from '../subscriptions/rehearse.ts';
import { onClock } from '../time/moments.ts';
import { changeBalance } from './balance.ts';
import { readNoteLines, sumsOf } from './note-lines.ts';

type Note = Stripe.CreditNote;
type Invoice = Stripe.Invoice;

/** docs.stripe.com/api/credit_notes */
export const creditNotes: Resource = {
  routes: {
    'POST /v1/credit_notes': (call) => answer(createNote(call)),
    'GET /v1/credit_notes/preview': (call) =>
      rehearse(call.realm, (realm) => answer(createNote({ ...call, realm }))),
    'GET /v1/credit_notes/preview/lines': (call) =>
      rehearse(call.realm, (realm) => answer(createNote({ ...call, realm }).lines)),
    'GET /v1/credit_notes/{}/lines': ({ realm, ids: [id = ''], params }) =>
      pageOf(realm.named('credit_note', id, 'id'), number(params, 'limit')),
    'POST /v1/credit_notes/{}/void': voidNote,
  },
};

/** Takes money off a finalized invoice: from what is still to be paid, or back from what was. */
function createNote({ realm: world, params }: Call): Note {
  const before = world.need('invoice', text(params, 'invoice') ?? '', 'invoice');
  const realm = onClock(world, before);
  if (before.status === 'draft' || before.status === 'void')
    throw refused(
      `You can only create a credit note for a finalized invoice. This invoice is ${before.status}.`,
      {
        param: 'invoice',
      },
    );
  const lines = readNoteLines(realm, before, params);
  const sums = sumsOf(lines);
  const pre = Math.min(sums.total, before.amount_remaining);
  const post = sums.total - pre;
  checkRoom(before, sums.total);
  const id = realm.newId('credit_note');
  const uses = post > 0 ? usesOf(realm, before, params, post) : { refunds: [], credit: 0, outside: null };
  const credited = uses.credit > 0 ? creditBack(realm, before, id, uses.credit) : null;
  const note = realm.insert('credit_note', {
    id,
    ...(sums as Partial<Note>),
    amount: sums.total,
    amount_shipping: 0,
    currency: before.currency,
    customer: idOf(before.customer) ?? '',
    customer_balance_transaction: credited,
    effective_at: number(params, 'effective_at') ?? realm.now,
    invoice: before.id,
    lines: { ...emptyList(`/v1/credit_notes/${id}/lines`), data: lines } as unknown as Note['lines'],
    memo: text(params, 'memo') ?? null,
    metadata: mergeMetadata({}, params['metadata']),
    number: numberOf(realm, before),
    out_of_band_amount: uses.outside,
    pdf: `${before.hosted_invoice_url ?? ''}/credit_notes/${id}/pdf`,
    post_payment_amount: post,
    pre_payment_amount: pre,
    reason: (params['reason'] ?? null) as Note['reason'],
    refunds: uses.refunds,
    status: 'issued',
    type: pre > 0 && post > 0 ? 'mixed' : pre > 0 ? 'pre_payment' : 'post_payment',
  });
  realm.emit('credit_note.created', note);
  apply(realm, before, { pre, post });
  return realm.need('credit_note', note.id);
}

function apply(realm: Realm, before: Invoice, { pre, post }: { pre: number; post: number }): void {
  realm.change('invoice', before.id, {
    pre_payment_credit_notes_amount: before.pre_payment_credit_notes_amount + pre,
    post_payment_credit_notes_amount: before.post_payment_credit_notes_amount + post,
  });
  tellInvoice(realm, before, pre > 0);
}

/** Tells what a credit note changed of its invoice, and has another amount asked for or none. */
function tellInvoice(realm: Realm, before: Invoice, isPayable: boolean): void {
  const invoice = isPayable ? recompute(realm, before.id) : realm.need('invoice', before.id);
  realm.emit('invoice.updated', invoice, differences(answer(before), answer(invoice)));
  if (!isPayable) return;
  if (invoice.amount_remaining > 0) requestAmount(realm, invoice);
  else settle(realm, invoice);
}

/** How what was paid comes back: as a refund, to the customer's balance, or outside Stripe. */
function usesOf(realm: Realm, invoice: Invoice, params: Params, post: number) {
  const given = list(params, 'refunds');
  const refund = number(params, 'refund_amount') ?? 0;
  const credit = number(params, 'credit_amount') ?? 0;
  const outside = number(params, 'out_of_band_amount') ?? null;
  const known = given.map((each) => refundOf(realm, each));
  const all = refund + credit + (outside ?? 0) + known.reduce((sum, each) => sum + each.amount_refunded, 0);
  if (all !== post)
    throw badParameter(
      `The sum of credit amount, refund amount and out of band amount (${all}) must equal the amount that ` +
        `was paid and is credited (${post}).`,
    );
  const made = refund > 0 ? [refundNow(realm, invoice, refund)] : [];
  return { refunds: [...known, ...made], credit, outside };
}

function refundNow(realm: Realm, invoice: Invoice, amount: number) {
  const paid = paymentsOf(realm, invoice.id).findLast(({ status }) => status === 'paid');
  const intent = realm.get('payment_intent', idOf(paid?.payment.payment_intent));
  const charge = realm.get('charge', idOf(intent?.latest_charge));
  if (!charge)
    throw refused('This invoice was not paid through Stripe, so there is nothing to refund.', {
      param: 'refund_amount',
    });
  return linked(makeRefund(realm, charge, { amount }));
}

function refundOf(realm: Realm, params: Params) {
  return linked(
    realm.need('refund', text(params, 'refund') ?? '', 'refunds[0][refund]'),
    number(params, 'amount_refunded'),
  );
}

function linked({ id, amount }: Stripe.Refund, part = amount) {
  return { amount_refunded: part, payment_record_refund: null, refund: id, type: 'refund' };
}

function creditBack(realm: Realm, invoice: Invoice, note: string, amount: number): string {
  return changeBalance(realm, idOf(invoice.customer) ?? '', {
    amount: -amount,
    currency: invoice.currency,
    type: 'credit_note',
    credit_note: note,
    invoice: invoice.id,
  }).id;
}

function checkRoom(invoice: Invoice, amount: number): void {
  const { total, pre_payment_credit_notes_amount: pre, post_payment_credit_notes_amount: post } = invoice;
  if (amount > 0 && amount <= total - pre - post) return;
  throw badParameter(
    `The amount of a credit note must be above zero and at most what is left of the invoice ` +
      `(${total - pre - post}).`,
    { param: 'amount' },
  );
}

/** `AB12CD34-0001-CN-01` */
function numberOf(realm: Realm, invoice: Invoice): string {
  const before = realm.where('credit_note', 'invoice', invoice.id).length;
  return `${invoice.number ?? ''}-CN-${String(before + 1).padStart(2, '0')}`;
}

/** POST /v1/credit_notes/{}/void: what it took off an open invoice is to be paid again. */
function voidNote({ realm: world, ids: [id = ''] }: Call): StripeObject {
  const before = world.named('credit_note', id, 'id');
  const invoice = world.need('invoice', idOf(before.invoice) ?? '');
  const realm = onClock(world, invoice);
  if (before.status === 'void') throw refused('This credit note is already void.');
  if (invoice.status !== 'open' || before.post_payment_amount > 0)
    throw refused('You can only void a credit note of an open invoice.');
  const note = realm.change('credit_note', id, { status: 'void', voided_at: realm.now });
  realm.change('invoice', invoice.id, {
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount - before.pre_payment_amount,
  });
  tellInvoice(realm, invoice, true);
  realm.emit('credit_note.voided', note);
  return answer(note);
}

function pageOf({ id, lines }: Note, limit = 10): StripeObject {
  const data = lines.data.slice(0, limit);
  return { ...emptyList(`/v1/credit_notes/${id}/lines`), data, has_more: lines.data.length > limit };
}
