import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { refused } from '../../server/errors.ts';
import { applyParams } from '../../server/generic.ts';

/** Makes a product from `product_data` or from the parameters of POST /v1/products. */
export function makeProduct(realm: Realm, params: Params): Stripe.Product {
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
