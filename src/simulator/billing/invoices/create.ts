import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import { checkCurrency } from '../../payments/amounts.ts';
import { ownMethod } from '../../payments/own-method.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { answer, filled, given, group, list, number, text } from '../params.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { onClock } from '../time/moments.ts';
import { DRAFT_SECONDS, announceDraft, makeDraft } from './draft.ts';
import { needDraft, refreshed } from './edit.ts';
import { pendingItems } from './items.ts';
import { addItem } from './lines.ts';
import { planInvoice } from './agenda.ts';
import { recompute } from './totals.ts';

type Invoice = Stripe.Invoice;

/** Fields that are taken over as they are sent. */
const PLAIN = [
  'account_tax_ids',
  'custom_fields',
  'description',
  'effective_at',
  'footer',
  'number',
  'on_behalf_of',
  'statement_descriptor',
  'shipping_details',
];

const TRANSFER = ['application_fee_amount', 'transfer_data'];

const RENDERING = {
  amount_tax_display: null,
  pdf: { page_size: 'auto' },
  template: null,
  template_version: null,
};

/** POST /v1/invoices: a draft with the pending items of its customer, if these are wanted. */
export function createInvoice(call: Call): StripeObject {
  const { params } = call;
  const revised = call.realm.get('invoice', text(group(params, 'from_invoice'), 'invoice'));
  const id = text(params, 'customer') ?? idOf(revised?.customer) ?? undefined;
  if (id === undefined) throw missingParameter('customer');
  const customer = call.realm.need('customer', id, 'customer');
  const realm = onClock(call.realm, customer);
  const subscription = text(params, 'subscription');
  const owner =
    subscription === undefined ? undefined : realm.need('subscription', subscription, 'subscription');
  const currency = checkCurrency(
    text(params, 'currency') ?? owner?.currency ?? pendingCurrency(realm, id) ?? customer.currency ?? 'usd',
  );
  const draft = makeDraft(realm, {
    customer,
    currency,
    reason: 'manual',
    collection: collectionOf(params, 'charge_automatically'),
    advances: params['auto_advance'] === true,
    ...(owner && { subscription: owner }),
    fields: { rendering: RENDERING, ...(fieldsOf({ ...call, realm }, id) as Partial<Invoice>) },
    hidden: { transfer: given(params, TRANSFER) },
  });
  const dues = dueDate(params, draft, realm.now);
  const discounts = redeemAll(
    realm,
    list(params, 'discounts'),
    { customer: id, invoice: draft.id },
    'discounts',
  );
  const inherited = customer.discount ? [customer.discount.id] : [];
  realm.change('invoice', draft.id, {
    ...dues,
    ...(!owner && { discounts: params['discounts'] === undefined ? inherited : discounts }),
  });
  const included = params['pending_invoice_items_behavior'] === 'include' || owner !== undefined;
  if (included)
    for (const item of pendingItems(realm, id, currency, { subscription, loose: owner === undefined }))
      addItem(realm, draft.id, item);
  const first = recompute(realm, draft.id);
  if (owner && first.lines.data.length === 0)
    throw refused('Nothing to invoice for subscription', { code: 'invoice_no_subscription_line_items' });
  const invoice = announceDraft(realm, draft.id);
  planInvoice(realm, invoice.id);
  return answer(invoice);
}

/** POST /v1/invoices/{} */
export function updateInvoice(call: Call): StripeObject {
  const { params, ids } = call;
  const before = call.realm.named('invoice', ids[0] ?? '', 'invoice');
  const realm = onClock(call.realm, before);
  const harmless = ['metadata', 'auto_advance', 'default_payment_method', 'payment_settings', 'rendering'];
  if (before.status !== 'draft' && Object.keys(params).some((name) => !harmless.includes(name)))
    needDraft(realm, before.id);
  const customer = idOf(before.customer) ?? '';
  const owner = { customer, invoice: before.id };
  const advances = params['auto_advance'] as boolean | undefined;
  realm.change('invoice', before.id, {
    ...(fieldsOf({ ...call, realm }, customer) as Partial<Invoice>),
    ...dueDate(params, before, before.created),
    ...(params['collection_method'] !== undefined && { collection_method: collectionOf(params, '') }),
    ...(params['discounts'] !== undefined && {
      discounts: redeemAll(realm, list(params, 'discounts'), owner, 'discounts'),
    }),
    ...(advances !== undefined && { auto_advance: advances, ...advanceAt(realm, before, advances) }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  const { transfer } = realm.hidden('invoice', before.id);
  realm.conceal('invoice', before.id, { transfer: { ...transfer, ...given(params, TRANSFER) } });
  return answer(refreshed(realm, before));
}

function advanceAt(realm: Realm, before: Invoice, advances: boolean): Partial<Invoice> {
  if (before.status !== 'draft') return {};
  return { automatically_finalizes_at: advances ? realm.now + DRAFT_SECONDS : null };
}

function fieldsOf(call: Call, customer: string): Params {
  const { realm, params } = call;
  const method = text(params, 'default_payment_method');
  if (method !== undefined) ownMethod(call, method, customer, 'default_payment_method');
  const tax = params['automatic_tax'] as Params | undefined;
  return {
    ...given(params, PLAIN),
    ...(params['automatic_tax'] !== undefined && {
      automatic_tax: {
        ...NO_TAX,
        ...tax,
        ...(tax?.['enabled'] === true && { provider: 'stripe', status: 'complete' }),
      },
    }),
    ...(params['issuer'] !== undefined && { issuer: params['issuer'] }),
    ...(params['default_payment_method'] !== undefined && { default_payment_method: method ?? null }),
    ...(params['default_tax_rates'] !== undefined && {
      default_tax_rates: taxRatesOf(realm, params, 'default_tax_rates'),
    }),
    ...(params['payment_settings'] !== undefined && {
      payment_settings: filled(
        { default_mandate: null, payment_method_options: null, payment_method_types: null },
        params['payment_settings'],
      ),
    }),
    ...(params['rendering'] !== undefined && { rendering: filled(RENDERING, params['rendering']) }),
    ...(params['shipping_cost'] !== undefined && { shipping_cost: shippingOf(realm, params) }),
    ...(params['metadata'] !== undefined && { metadata: mergeMetadata({}, params['metadata']) }),
  };
}

const NO_TAX = { disabled_reason: null, enabled: false, liability: null, provider: null, status: null };

function shippingOf(realm: Realm, params: Params): Params | null {
  const cost = group(params, 'shipping_cost');
  const rate = text(cost, 'shipping_rate');
  const data = group(cost, 'shipping_rate_data');
  const known = rate === undefined ? undefined : realm.row('shipping_rate', rate)?.object;
  const fixed = (known?.['fixed_amount'] ?? data['fixed_amount']) as { amount?: number } | undefined;
  const amount = fixed?.amount ?? 0;
  if (params['shipping_cost'] === null) return null;
  return { amount_subtotal: amount, amount_tax: 0, amount_total: amount, shipping_rate: rate ?? null };
}

function collectionOf(params: Params, otherwise: string): Invoice['collection_method'] {
  return text(params, 'collection_method') ?? otherwise;
}

/** Days, or a date, until which a sent invoice is to be paid; charged ones have none. */
function dueDate(params: Params, invoice: Invoice, from: number): Partial<Invoice> {
  const days = number(params, 'days_until_due');
  const date = number(params, 'due_date');
  const sent = collectionOf(params, invoice.collection_method) === 'send_invoice';
  if (days === undefined && date === undefined) {
    if (sent && invoice.due_date === null && invoice.status === 'draft')
      throw badParameter(
        'If invoices are sent, one of `days_until_due` and `due_date` says until when they are to be paid.',
        { code: 'parameter_missing', param: 'days_until_due' },
      );
    return {};
  }
  if (!sent)
    throw badParameter('You can only specify `days_until_due` or `due_date` if invoices are sent.', {
      param: days === undefined ? 'due_date' : 'days_until_due',
    });
  return { due_date: date ?? from + (days ?? 0) * DAY_SECONDS };
}

function pendingCurrency(realm: Realm, customer: string): string | undefined {
  const [item] = realm.where('invoiceitem', 'customer', customer).filter(({ invoice }) => invoice === null);
  return item?.currency;
}
