import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import { idOf } from '../kinds.ts';
import { attach } from '../payments/attach.ts';
import { findMethod } from '../payments/methods.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, noSuch } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import { emptyList, listPage } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';

/** The names that cards had before payment methods. */
const BRANDS: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'MasterCard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};

const DETAILS = [
  'address_city',
  'address_country',
  'address_line1',
  'address_line2',
  'address_state',
  'address_zip',
  'exp_month',
  'exp_year',
  'name',
] as const;

/** docs.stripe.com/api/cards: cards of customers, as they were before payment methods. */
export const customerSources: Resource = {
  routes: {
    'GET /v1/customers/{}/sources': (call) => {
      const { realm, params, path, ids } = call;
      const rows = realm.engine.store.table(realm, 'card').where('customer', ids[0] ?? '');
      return listPage({ realm, kind: 'card', params: { ...params, object: 'card' }, url: path, rows });
    },
    'POST /v1/customers/{}/sources': add,
    'GET /v1/customers/{}/sources/{}': (call) => cardOf(call) as unknown as StripeObject,
    'POST /v1/customers/{}/sources/{}': update,
    'DELETE /v1/customers/{}/sources/{}': remove,
  },
  includes: {
    'customer.sources': (realm, { id = '' }) => {
      const data = realm.where('card', 'customer', id).toReversed();
      return { ...emptyList(`/v1/customers/${id}/sources`), data, total_count: data.length };
    },
  },
};

/** Makes a card of a token. It pays as a payment method of the same id, as at Stripe. */
function add(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const customer = realm.named('customer', ids[0] ?? '', 'customer');
  const token = params['source'];
  if (typeof token !== 'string')
    throw badParameter('A card is added by its token here: `source` must be text.', { param: 'source' });
  const method = attach(realm, findMethod(call, token, 'source'), customer.id);
  if (!method.card) throw badParameter(`No such token: '${token}'`, { param: 'source' });
  const card = asCard(realm, method, customer.id, params['metadata']);
  if (idOf(customer.default_source) === null)
    realm.change('customer', customer.id, { default_source: card.id });
  realm.emit('customer.source.created', card);
  return card as unknown as StripeObject;
}

function asCard(
  realm: Realm,
  method: Stripe.PaymentMethod,
  customer: string,
  metadata: unknown,
): Stripe.Card {
  const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4 } =
    method.card as Stripe.PaymentMethod.Card;
  return realm.insert('card', {
    brand: BRANDS[brand] ?? 'Unknown',
    country,
    customer,
    cvc_check: checks?.cvc_check ?? null,
    exp_month,
    exp_year,
    fingerprint: fingerprint ?? null,
    funding,
    id: method.id,
    last4,
    metadata: mergeMetadata({}, metadata),
    regulated_status: 'unregulated',
  });
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = cardOf(call);
  const sent = DETAILS.filter((name) => params[name] !== undefined).map((name) => [name, params[name]]);
  const after = realm.change('card', before.id, {
    ...(Object.fromEntries(sent) as Partial<Stripe.Card>),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  const shown = after as unknown as StripeObject;
  realm.emit('customer.source.updated', after, differences(before as unknown as StripeObject, shown));
  return shown;
}

function remove(call: Call): StripeObject {
  const { realm, ids } = call;
  const card = cardOf(call);
  const customer = realm.need('customer', ids[0] ?? '', 'customer');
  realm.remove('card', card.id);
  realm.change('payment_method', card.id, { customer: null });
  if (idOf(customer.default_source) === card.id) {
    const [next] = realm.where('card', 'customer', customer.id);
    realm.change('customer', customer.id, { default_source: next?.id ?? null });
  }
  realm.emit('customer.source.deleted', card);
  return { id: card.id, object: 'card', deleted: true };
}

function cardOf({ realm, ids: [customer = '', id = ''] }: Call): Stripe.Card {
  realm.named('customer', customer, 'customer');
  const card = realm.get('card', id);
  if (idOf(card?.customer) !== customer || !card) throw noSuch('source', id, 'id');
  return card;
}
