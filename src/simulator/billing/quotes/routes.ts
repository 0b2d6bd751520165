import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import { emptyList } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { createInvoice } from '../invoices/create.ts';
import { refreshed } from '../invoices/edit.ts';
import { makeItem } from '../invoices/items.ts';
import { addItem } from '../invoices/lines.ts';
import { answer, filled, given, number, text } from '../params.ts';
import { createSubscription } from '../subscriptions/create.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { onClock } from '../time/moments.ts';
import { planQuote } from './age.ts';
import { readQuoteLines, totalsOf } from './lines.ts';

type Quote = Stripe.Quote;

/** docs.stripe.com/api/quotes/create#create_quote-expires_at */
const EXPIRES_SECONDS = 30 * DAY_SECONDS;

const PLAIN = [
  'application_fee_amount',
  'application_fee_percent',
  'description',
  'footer',
  'header',
  'on_behalf_of',
  'transfer_data',
];

const NO_TAX = { enabled: false, liability: null, provider: null, status: null };
const INVOICE_SETTINGS = {
  custom_fields: null,
  days_until_due: null,
  description: null,
  footer: null,
  issuer: { type: 'self' },
};
const SUBSCRIPTION_DATA = {
  billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
  description: null,
  effective_date: null,
  metadata: {},
  trial_period_days: null,
};

/** docs.stripe.com/api/quotes */
export const quotes: Resource = {
  routes: {
    'POST /v1/quotes': create,
    'POST /v1/quotes/{}': update,
    'POST /v1/quotes/{}/accept': accept,
    'POST /v1/quotes/{}/cancel': cancel,
    'POST /v1/quotes/{}/finalize': finalize,
    'GET /v1/quotes/{}/line_items': ({ realm, ids: [id = ''], path }) => linesOf(realm, id, path),
    'GET /v1/quotes/{}/computed_upfront_line_items': ({ realm, ids: [id = ''], path }) =>
      linesOf(realm, id, path),
  },
  includes: {
    'quote.line_items': (realm, { id = '' }) => linesOf(realm, id, `/v1/quotes/${id}/line_items`),
  },
};

function create(call: Call): StripeObject {
  const { params } = call;
  const customer = call.realm.get('customer', text(params, 'customer'));
  if (params['customer'] !== undefined && !customer)
    call.realm.need('customer', text(params, 'customer') ?? '', 'customer');
  const clock = text(params, 'test_clock') ?? idOf(customer?.test_clock ?? null);
  const realm = onClock(call.realm, { id: '', test_clock: clock });
  const items = readQuoteLines(realm, params);
  const quote = realm.insert(
    'quote',
    {
      ...fieldsOf(params),
      ...totalsOf(items),
      customer: customer?.id ?? null,
      default_tax_rates: [],
      discounts: [],
      expires_at: number(params, 'expires_at') ?? realm.now + EXPIRES_SECONDS,
      metadata: mergeMetadata({}, params['metadata']),
      status: 'draft',
      status_transitions: { accepted_at: null, canceled_at: null, finalized_at: null },
      test_clock: clock,
    },
    { params },
  );
  for (const item of items) realm.insert('item', item, { session: quote.id });
  realm.emit('quote.created', quote);
  return answer(quote);
}

function update(call: Call): StripeObject {
  const { params, ids } = call;
  const before = call.realm.named('quote', ids[0] ?? '', 'quote');
  const realm = onClock(call.realm, before);
  if (before.status !== 'draft' && Object.keys(params).some((name) => name !== 'metadata'))
    throw refused(`This quote is ${before.status} and can no longer be changed.`);
  const items = params['line_items'] === undefined ? undefined : readQuoteLines(realm, params);
  if (items) {
    for (const old of realm.where('item', 'session', before.id)) realm.remove('item', old.id);
    for (const item of items) realm.insert('item', item, { session: before.id });
  }
  const after = realm.change('quote', before.id, {
    ...fieldsOf(params, before),
    ...(items && totalsOf(items)),
    ...(text(params, 'customer') !== undefined && { customer: text(params, 'customer') ?? null }),
    ...(number(params, 'expires_at') !== undefined && { expires_at: number(params, 'expires_at') ?? 0 }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  realm.conceal('quote', before.id, { params: { ...realm.hidden('quote', before.id).params, ...params } });
  if (Object.keys(differences(answer(before), answer(after))).length > 0) realm.emit('quote.updated', after);
  return answer(after);
}

function fieldsOf(params: Params, before?: Quote): Partial<Quote> {
  const collection = text(params, 'collection_method') ?? before?.collection_method ?? 'charge_automatically';
  return {
    ...given(params, PLAIN),
    automatic_tax: filled(before?.automatic_tax ?? NO_TAX, params['automatic_tax']),
    collection_method: collection,
    invoice_settings: filled(before?.invoice_settings ?? INVOICE_SETTINGS, params['invoice_settings']),
    subscription_data: filled(before?.subscription_data ?? SUBSCRIPTION_DATA, params['subscription_data']),
  };
}

function finalize(call: Call): StripeObject {
  const before = call.realm.named('quote', call.ids[0] ?? '', 'quote');
  const realm = onClock(call.realm, before);
  checkStatus(before, ['draft']);
  if (before.customer === null) throw missingParameter('customer');
  const serial = realm.engine.store.table(realm, 'quote').size;
  const after = realm.change('quote', before.id, {
    expires_at: number(call.params, 'expires_at') ?? before.expires_at,
    number: `QT-${realm.secret(8).toUpperCase()}-${String(serial).padStart(4, '0')}-1`,
    status: 'open',
    status_transitions: { ...before.status_transitions, finalized_at: realm.now },
  });
  planQuote(realm, after);
  realm.emit('quote.finalized', after);
  return answer(after);
}

function cancel(call: Call): StripeObject {
  const before = call.realm.named('quote', call.ids[0] ?? '', 'quote');
  const realm = onClock(call.realm, before);
  checkStatus(before, ['draft', 'open']);
  const after = realm.change('quote', before.id, {
    status: 'canceled',
    status_transitions: { ...before.status_transitions, canceled_at: realm.now },
  });
  planQuote(realm, after);
  realm.emit('quote.canceled', after);
  return answer(after);
}

/** The quote becomes a subscription where something in it recurs, and an invoice otherwise. */
function accept(call: Call): StripeObject {
  const before = call.realm.named('quote', call.ids[0] ?? '', 'quote');
  const realm = onClock(call.realm, before);
  checkStatus(before, ['open']);
  const items = realm.where('item', 'session', before.id);
  const recurs = items.some(({ price }) => price?.type === 'recurring');
  const made = recurs
    ? subscribe({ ...call, realm }, before, items)
    : { invoice: invoiceFor({ ...call, realm }, before, items) };
  const after = realm.change('quote', before.id, {
    ...made,
    status: 'accepted',
    status_transitions: { ...before.status_transitions, accepted_at: realm.now },
  });
  planQuote(realm, after);
  realm.emit('quote.accepted', after);
  return answer(after);
}

function subscribe(call: Call, quote: Quote, items: readonly Stripe.LineItem[]): Partial<Quote> {
  const { trial_period_days: trial, description, metadata } = quote.subscription_data;
  const days = quote.invoice_settings.days_until_due;
  const wanted = items.map(({ price, quantity }) => ({
    price: price?.id,
    quantity: quantity ?? 1,
    type: price?.type,
  }));
  const only = (type: string): Params[] =>
    wanted
      .filter((line) => line.type === type)
      .map(({ price, quantity }) => ({ price, quantity, chosen: true }));
  const params = {
    add_invoice_items: only('one_time').map(({ chosen: _chosen, ...line }) => line),
    collection_method: quote.collection_method,
    customer: idOf(quote.customer),
    items: only('recurring'),
    metadata: metadata ?? {},
    ...(days !== null && { days_until_due: days }),
    ...(description !== null && { description }),
    ...(trial !== null && { trial_period_days: trial }),
  };
  const subscription = createSubscription({ ...call, params }, {});
  return { subscription: subscription.id, invoice: idOf(subscription.latest_invoice) };
}

function invoiceFor(call: Call, quote: Quote, items: readonly Stripe.LineItem[]): string {
  const { realm } = call;
  const customer = idOf(quote.customer) ?? '';
  const days = quote.invoice_settings.days_until_due;
  const sent = quote.collection_method === 'send_invoice';
  const invoice = createInvoice({
    ...call,
    params: {
      customer,
      currency: quote.currency,
      collection_method: quote.collection_method,
      ...(sent && { days_until_due: days ?? 30 }),
    },
  });
  for (const { price, quantity } of items) {
    const line = { customer, invoice: invoice.id, pricing: { price: price?.id }, quantity: quantity ?? 1 };
    addItem(realm, invoice.id ?? '', makeItem(realm, line));
  }
  return refreshed(realm, realm.need('invoice', invoice.id ?? '')).id;
}

function linesOf(realm: Realm, id: string, url: string): StripeObject {
  realm.named('quote', id, 'quote');
  return { ...emptyList(url), data: realm.where('item', 'session', id) };
}

function checkStatus({ status }: Quote, allowed: readonly string[]): void {
  if (allowed.includes(status)) return;
  throw badParameter(`This quote is \`${status}\`, but must be \`${allowed.join('` or `')}\` for that.`);
}
