import type Stripe from 'stripe';
import { inlinePrice } from '../billing/catalog/prices.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import { emptyList } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';
import { openSession } from './session.ts';

type Link = Stripe.PaymentLink;

const CODE_CHARS = 14;

// docs.stripe.com/api/payment-link/create#create_payment_link-line_items
const ITEMS_MAX = 20;

const NO_INVOICE = {
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
};

const EMPTY: Params = {
  after_completion: { hosted_confirmation: { custom_message: null }, type: 'hosted_confirmation' },
  allow_promotion_codes: false,
  application_fee_amount: null,
  application_fee_percent: null,
  automatic_tax: { enabled: false, liability: null },
  billing_address_collection: 'auto',
  consent_collection: null,
  custom_fields: [],
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer_creation: 'if_required',
  inactive_message: null,
  invoice_creation: NO_INVOICE,
  on_behalf_of: null,
  optional_items: null,
  payment_intent_data: null,
  payment_method_collection: 'always',
  payment_method_types: null,
  phone_number_collection: { enabled: false },
  restrictions: null,
  shipping_address_collection: null,
  shipping_options: [],
  submit_type: 'auto',
  subscription_data: null,
  tax_id_collection: { enabled: false, required: 'never' },
  transfer_data: null,
};

/** What of a link its sessions are opened with. */
const PASSED_ON = [
  'allow_promotion_codes',
  'billing_address_collection',
  'custom_fields',
  'invoice_creation',
  'metadata',
  'payment_intent_data',
  'phone_number_collection',
  'shipping_address_collection',
  'submit_type',
  'subscription_data',
];

/** docs.stripe.com/api/payment-link */
export const paymentLinks: Resource = {
  routes: {
    'POST /v1/payment_links': create,
    'POST /v1/payment_links/{}': update,
    'GET /v1/payment_links/{}/line_items': ({ realm, ids: [id = ''], path }) => {
      realm.named('payment_link', id, 'payment_link');
      return itemsOf(realm, id, path);
    },
  },
  includes: {
    'payment_link.line_items': (realm, { id = '' }) =>
      itemsOf(realm, id, `/v1/payment_links/${id}/line_items`),
  },
};

/** The session that a visit to a link begins; undefined when the link is not in use. */
export function visitLink(realm: Realm, link: Link): Stripe.Checkout.Session | undefined {
  if (!link.active) return undefined;
  const { lines, params } = realm.hidden('payment_link', link.id);
  const recurring = lines?.some(({ price }) => realm.get('price', price)?.type === 'recurring') === true;
  const { redirect } = link.after_completion;
  const given = Object.entries(params ?? {}).filter(([name]) => PASSED_ON.includes(name));
  const session = openSession(realm, {
    ...Object.fromEntries(given),
    line_items: (lines ?? []).map((line) => ({ ...line, chosen: true })),
    mode: recurring ? 'subscription' : 'payment',
    success_url: redirect?.url ?? `${link.url}?done`,
  });
  return realm.change('checkout.session', session.id, { payment_link: link.id });
}

function create({ realm, params }: Call): StripeObject {
  const lines = readLines(realm, params['line_items'] as Params[] | undefined);
  const known = Object.entries(params).filter(([name, value]) => name in EMPTY && value !== null);
  const link = realm.insert(
    'payment_link',
    {
      ...EMPTY,
      ...Object.fromEntries(known),
      active: true,
      currency: realm.get('price', lines[0]?.price)?.currency ?? 'usd',
      metadata: mergeMetadata({}, params['metadata']),
      url: `${realm.engine.settings.url}/b/${realm.livemode ? '' : 'test_'}${realm.secret(CODE_CHARS)}`,
    },
    { lines, params },
  );
  realm.emit('payment_link.created', link);
  return answer(link);
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('payment_link', id, 'payment_link');
  const { line_items: _lines, metadata, ...fields } = params;
  const after = realm.change('payment_link', id, {
    ...fields,
    metadata: mergeMetadata(before.metadata, metadata),
  });
  realm.conceal('payment_link', id, { params: { ...realm.hidden('payment_link', id).params, ...params } });
  const previous = differences(answer(before), answer(after));
  if (Object.keys(previous).length > 0) realm.emit('payment_link.updated', after, previous);
  return answer(after);
}

function readLines(
  realm: Realm,
  lines: readonly Params[] | undefined,
): { price: string; quantity: number }[] {
  if (!lines || lines.length === 0) throw missingParameter('line_items');
  if (lines.length > ITEMS_MAX)
    throw badParameter(`A payment link can have up to ${ITEMS_MAX} line items.`, { param: 'line_items' });
  return lines.map((line, index) => {
    const path = `line_items[${index}]`;
    const data = line['price_data'] as Params | undefined;
    const id = line['price'] as string | undefined;
    if (!data && id === undefined) throw missingParameter(`${path}[price]`);
    const price = data
      ? inlinePrice(realm, data, `${path}[price_data]`)
      : realm.need('price', id ?? '', `${path}[price]`);
    return { price: price.id, quantity: (line['quantity'] as number | undefined) ?? 1 };
  });
}

function itemsOf(realm: Realm, id: string, url: string): StripeObject {
  const { lines = [] } = realm.hidden('payment_link', id);
  const data = lines.map(({ price: priceId, quantity }, index) => {
    const price = realm.need('price', priceId);
    const amount = (price.unit_amount ?? 0) * quantity;
    return {
      id: `li_${id.slice('plink_'.length)}${index}`,
      object: 'item',
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: realm.get('product', price.product as string)?.name ?? null,
      price,
      quantity,
    };
  });
  return { ...emptyList(url), data };
}

function answer(link: object): StripeObject {
  return link as StripeObject;
}
