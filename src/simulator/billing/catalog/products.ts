import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { refused } from '../../server/errors.ts';
import { applyParams } from '../../server/generic.ts';
import { differences } from '../../server/hashes.ts';
import { deleteObject } from '../../server/lookup.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, group, text } from '../params.ts';
import { makeProduct } from './make-product.ts';
import { announcePrice } from './plans.ts';
import { currencyOptions, makePrice, releaseLookupKey } from './prices.ts';

/** docs.stripe.com/api/products and docs.stripe.com/api/prices */
export const products: Resource = {
  routes: {
    'POST /v1/products': createProduct,
    'POST /v1/products/{}': updateProduct,
    'DELETE /v1/products/{}': deleteProduct,
    'POST /v1/prices': ({ realm, params }) => answer(makePrice(realm, params, '')),
    'POST /v1/prices/{}': updatePrice,
  },
  filters: {
    'product.ids': ({ id = '' }, ids) => (ids as string[]).includes(id),
    'product.active': (object, active) => object['active'] === active,
    'price.recurring': (object, wanted) => fits(object['recurring'] as Params | null, wanted as Params),
  },
  includes: {
    'price.tiers': (realm, { id = '' }) => realm.hidden('price', id).tiers,
    'price.currency_options': (realm, object) => allCurrencies(realm, object as unknown as Stripe.Price),
  },
};

function createProduct({ realm, params }: Call): StripeObject {
  const product = makeProduct(realm, params);
  const data = params['default_price_data'] as Params | undefined;
  if (!data) return answer(product);
  const price = makePrice(realm, { ...data, product: product.id }, 'default_price_data');
  const after = realm.change('product', product.id, { default_price: price.id });
  realm.emit('product.updated', after, { default_price: null });
  return answer(after);
}

function updateProduct({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('product', id);
  const price = text(params, 'default_price');
  if (price !== undefined && realm.need('price', price, 'default_price').product !== before.id)
    throw refused(`The price ${price} belongs to another product.`, { param: 'default_price' });
  const changes = applyParams(answer(before), params) as Partial<Stripe.Product>;
  const after = realm.change('product', before.id, { ...changes, updated: realm.now });
  realm.emit('product.updated', after, differences(answer(before), answer(after)));
  return answer(after);
}

function deleteProduct({ realm, ids: [id = ''] }: Call): StripeObject {
  const product = realm.named('product', id);
  if (realm.where('price', 'product', product.id).length > 0)
    throw refused('This product cannot be deleted because it has one or more user-created prices.');
  return deleteObject(realm, 'product', product.id);
}

function updatePrice({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('price', id);
  const { transfer_lookup_key: transfer, currency_options: _options, metadata, ...fields } = params;
  const key = fields['lookup_key'] as string | null | undefined;
  if (key && key !== before.lookup_key) releaseLookupKey(realm, key, transfer === true, 'lookup_key');
  if (params['currency_options'] !== undefined) {
    const added = currencyOptions(group(params, 'currency_options'), (name) => name);
    realm.conceal('price', id, {
      currency_options: { ...realm.hidden('price', id).currency_options, ...added },
    });
  }
  const changes = applyParams(answer(before), fields) as Partial<Stripe.Price>;
  const merged = mergeMetadata(before.metadata, metadata);
  const after = realm.change('price', before.id, { ...changes, metadata: merged });
  announcePrice(realm, before, after);
  return answer(after);
}

/** The price in all its currencies, its own among them. */
function allCurrencies(realm: Realm, price: Stripe.Price): StripeObject {
  const { custom_unit_amount, tax_behavior, unit_amount, unit_amount_decimal } = price;
  const own = { custom_unit_amount, tax_behavior, unit_amount, unit_amount_decimal };
  return { [price.currency]: own, ...realm.hidden('price', price.id).currency_options };
}

function fits(recurring: Params | null, wanted: Params): boolean {
  return recurring !== null && Object.entries(wanted).every(([name, value]) => recurring[name] === value);
}
