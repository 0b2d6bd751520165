import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { missingParameter } from '../../server/errors.ts';
import { emptyList, listPage } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { idOf } from '../../kinds.ts';
import { answer, text } from '../params.ts';

/** Statuses in which a customer may use what they subscribed to. */
const ENTITLING = new Set(['active', 'trialing', 'past_due']);

/** docs.stripe.com/api/entitlements/active-entitlement */
export const entitlements: Resource = {
  routes: {
    'POST /v1/products/{}/features': addFeature,
    'GET /v1/entitlements/active_entitlements': listActive,
  },
};

/** What a customer may use, from the features of the products that they are subscribed to. */
export function entitle(realm: Realm, { customer: owner }: StripeObject): void {
  const customer = idOf(owner as string);
  if (customer === null) return;
  const wanted = featuresOf(realm, customer);
  const before = activeOf(realm, customer);
  const missing = [...wanted.values()].filter(({ id }) => before.every(({ feature }) => feature !== id));
  const gone = before.filter(({ feature }) => !wanted.has(idOf(feature) ?? ''));
  if (missing.length === 0 && gone.length === 0) return;
  const previous = { entitlements: { data: before } };
  for (const { id } of gone) realm.remove('entitlements.active_entitlement', id);
  for (const { id, lookup_key } of missing)
    realm.insert('entitlements.active_entitlement', { feature: id, lookup_key }, { customer });
  const url = `/v1/entitlements/active_entitlements?customer=${customer}`;
  const summary = {
    object: 'entitlements.active_entitlement_summary',
    customer,
    entitlements: { ...emptyList(url), data: activeOf(realm, customer) },
    livemode: realm.livemode,
  };
  realm.emit('entitlements.active_entitlement_summary.updated', summary, previous);
}

function featuresOf(realm: Realm, customer: string): Map<string, Stripe.Entitlements.Feature> {
  const features = new Map<string, Stripe.Entitlements.Feature>();
  for (const { status, items } of realm.where('subscription', 'customer', customer)) {
    if (!ENTITLING.has(status)) continue;
    for (const { price } of items.data)
      for (const { entitlement_feature: feature } of realm.where(
        'product_feature',
        'parent',
        price.product as string,
      ))
        features.set(feature.id, feature);
  }
  return features;
}

function activeOf(realm: Realm, customer: string): Stripe.Entitlements.ActiveEntitlement[] {
  return realm.where('entitlements.active_entitlement', 'customer', customer);
}

function addFeature({ realm, params, ids: [product = ''] }: Call): StripeObject {
  realm.named('product', product, 'product');
  const id = text(params, 'entitlement_feature') ?? '';
  const entitlement_feature = realm.need('entitlements.feature', id, 'entitlement_feature');
  return answer(realm.insert('product_feature', { entitlement_feature }, { parent: product }));
}

function listActive({ realm, params, path }: Call): StripeObject {
  const { customer, ...paging } = params;
  if (typeof customer !== 'string') throw missingParameter('customer');
  const rows = realm.engine.store.table(realm, 'entitlements.active_entitlement').where('customer', customer);
  return listPage({ realm, kind: 'entitlements.active_entitlement', params: paging, url: path, rows });
}
