import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { checkCurrency, unitAmount } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter, refused } from '../server/errors.ts';
import { applyParams, differences } from '../server/generic.ts';
import { deleteObject } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/api/products and docs.stripe.com/api/prices */
export const products: Resource = {
  routes: {
    'POST /v1/products': createProduct,
    'POST /v1/products/{}': updateProduct,
    'DELETE /v1/products/{}': deleteProduct,
    'POST /v1/prices': (call) => asObject(makePrice(call.realm, call.params, '')),
    'POST /v1/prices/{}': updatePrice,
  },
  filters: {
    'product.ids': (object, ids) => (ids as string[]).includes(object.id ?? ''),
    'product.active': (object, active) => object['active'] === active,
  },
};

/**
 * Makes a price, and the product of its `product_data`. `path` is where the parameters stand in the
 * request.
 */
export function makePrice(realm: Realm, params: Params, path: string): Stripe.Price {
  const at = (name: string): string => (path === '' ? name : `${path}[${name}]`);
  const data = params['product_data'] as Params | undefined;
  const product = params['product'] as string | undefined;
  if (!data && product === undefined)
    throw badParameter('You must specify either `product` or `product_data` when creating a price.', {
      code: 'parameter_missing',
      param: at('product'),
    });
  if (product !== undefined) realm.need('product', product, at('product'));
  const currency = checkCurrency(params['currency'] as string, at('currency'));
  const decimal = params['unit_amount_decimal'] as string | undefined;
  const amount = unitAmount(params['unit_amount'] as number | undefined, decimal);
  const custom = params['custom_unit_amount'] as Params | undefined;
  const tiered = params['billing_scheme'] === 'tiered';
  if (amount === null && !custom && !tiered) throw missingParameter(at('unit_amount'));
  if (amount !== null && amount < 0)
    throw badParameter('Invalid non-negative integer', {
      code: 'parameter_invalid_integer',
      param: at('unit_amount'),
    });
  const recurring = params['recurring'] as Params | undefined;
  const fields = {
    active: params['active'] !== false,
    billing_scheme: tiered ? 'tiered' : 'per_unit',
    currency,
    custom_unit_amount: custom ? { maximum: null, minimum: null, preset: null, ...custom } : null,
    lookup_key: (params['lookup_key'] as string | undefined) ?? null,
    metadata: mergeMetadata({}, params['metadata']),
    nickname: (params['nickname'] as string | undefined) ?? null,
    product: product ?? makeProduct(realm, data ?? {}).id,
    recurring: recurring ? recurringOf(recurring) : null,
    tax_behavior: params['tax_behavior'] ?? 'unspecified',
    tiers_mode: params['tiers_mode'] ?? null,
    transform_quantity: params['transform_quantity'] ?? null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: decimal !== undefined && !Number.isInteger(Number(decimal)) ? null : amount,
    unit_amount_decimal: decimal ?? (amount === null ? null : String(amount)),
  };
  releaseLookupKey(realm, fields.lookup_key, params['transfer_lookup_key'] === true, at('lookup_key'));
  const price = realm.insert('price', fields as unknown as Partial<Stripe.Price>);
  realm.emit('price.created', price);
  return price;
}

/** Makes a product from `product_data` or from the parameters of POST /v1/products. */
function makeProduct(realm: Realm, params: Params): Stripe.Product {
  const { default_price_data: _price, metadata, ...fields } = params;
  const id = fields['id'] as string | undefined;
  if (id !== undefined && realm.get('product', id))
    throw refused(`Product already exists: ${id}`, { code: 'resource_already_exists', param: 'id' });
  const product = realm.insert('product', {
    active: true,
    images: [],
    marketing_features: [],
    type: 'service',
    updated: realm.now,
    ...(applyParams({}, fields) as Partial<Stripe.Product>),
    metadata: mergeMetadata({}, metadata),
  });
  realm.emit('product.created', product);
  return product;
}

function createProduct({ realm, params }: Call): StripeObject {
  const product = makeProduct(realm, params);
  const data = params['default_price_data'] as Params | undefined;
  if (!data) return asObject(product);
  const price = makePrice(realm, { ...data, product: product.id }, 'default_price_data');
  const after = realm.change('product', product.id, { default_price: price.id });
  realm.emit('product.updated', after, { default_price: null });
  return asObject(after);
}

function updateProduct({ realm, params, ids }: Call): StripeObject {
  const before = realm.named('product', ids[0] ?? '');
  if (params['default_price']) realm.need('price', params['default_price'] as string, 'default_price');
  const changes = applyParams(asObject(before), params) as Partial<Stripe.Product>;
  const after = realm.change('product', before.id, { ...changes, updated: realm.now });
  realm.emit('product.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function deleteProduct({ realm, ids }: Call): StripeObject {
  const product = realm.named('product', ids[0] ?? '');
  if (realm.where('price', 'product', product.id).length > 0)
    throw refused('This product cannot be deleted because it has one or more user-created prices.');
  return deleteObject(realm, 'product', product.id);
}

function updatePrice({ realm, params, ids }: Call): StripeObject {
  const before = realm.named('price', ids[0] ?? '');
  const { transfer_lookup_key: transfer, ...fields } = params;
  const key = fields['lookup_key'] as string | null | undefined;
  if (key && key !== before.lookup_key) releaseLookupKey(realm, key, transfer === true, 'lookup_key');
  const after = realm.change(
    'price',
    before.id,
    applyParams(asObject(before), fields) as Partial<Stripe.Price>,
  );
  realm.emit('price.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function releaseLookupKey(realm: Realm, key: string | null, transfer: boolean, param: string): void {
  const [owner] = key === null ? [] : realm.where('price', 'lookup_key', key);
  if (!owner) return;
  if (!transfer)
    throw refused(`A price (\`${owner.id}\`) already uses that lookup key.`, {
      code: 'resource_already_exists',
      param,
    });
  realm.change('price', owner.id, { lookup_key: null });
}

function recurringOf(given: Params): Record<string, unknown> {
  return {
    interval: given['interval'],
    interval_count: given['interval_count'] ?? 1,
    meter: given['meter'] ?? null,
    trial_period_days: given['trial_period_days'] ?? null,
    usage_type: given['usage_type'] ?? 'licensed',
  };
}

function asObject(object: Stripe.Price | Stripe.Product): StripeObject {
  return object as unknown as StripeObject;
}
