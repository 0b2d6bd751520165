import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { missingParameter, noSuch, refused } from '../../server/errors.ts';
import { applyParams } from '../../server/generic.ts';
import { differences } from '../../server/hashes.ts';
import { listPage } from '../../server/list.ts';
import { deleteObject } from '../../server/lookup.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, given, text } from '../params.ts';
import { makeProduct } from './make-product.ts';
import { planOf } from './plan-of.ts';
import { makePrice } from './prices.ts';

const CHANGEABLE = ['active', 'metadata', 'nickname', 'product'];

/**
 * docs.stripe.com/api/plans: what prices were before 2020. Here as there a plan is another view of the
 * recurring price of the same id, so there is only the price to store.
 */
export const plans: Resource = {
  routes: {
    'POST /v1/plans': create,
    'GET /v1/plans': listPlans,
    'GET /v1/plans/{}': (call) => answer(planOf(call.realm, priceOf(call))),
    'POST /v1/plans/{}': update,
    'DELETE /v1/plans/{}': remove,
  },
  includes: { 'plan.tiers': (realm, { id = '' }) => realm.hidden('price', id).tiers },
};

function create({ realm, params }: Call): StripeObject {
  const id = text(params, 'id') ?? realm.newId('plan');
  if (realm.get('price', id))
    throw refused('Plan already exists.', { code: 'resource_already_exists', param: 'id' });
  const price = makePrice(realm, { ...priceParams(realm, params), id }, '');
  return answer(planOf(realm, price));
}

/** A plan's parameters in the words of prices. */
function priceParams(realm: Realm, params: Params): Params {
  const { interval, interval_count, meter, trial_period_days, usage_type, ...rest } = params;
  const { amount, amount_decimal, transform_usage, product, ...same } = rest;
  if (product === undefined || product === null) throw missingParameter('product');
  if (amount === undefined && amount_decimal === undefined && params['tiers'] === undefined)
    throw missingParameter('amount');
  const recurring = { interval, interval_count, meter, trial_period_days, usage_type };
  return {
    ...same,
    ...(amount !== undefined && { unit_amount: amount }),
    ...(amount_decimal !== undefined && { unit_amount_decimal: amount_decimal }),
    ...(transform_usage !== undefined && { transform_quantity: transform_usage }),
    product: typeof product === 'string' ? product : makeProduct(realm, product as Params).id,
    recurring: Object.fromEntries(Object.entries(recurring).filter(([, value]) => value !== undefined)),
  };
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = priceOf(call);
  const changes = applyParams(answer(before), given(params, CHANGEABLE)) as Partial<Stripe.Price>;
  const after = realm.change('price', before.id, changes);
  announcePrice(realm, before, after);
  return answer(planOf(realm, after));
}

/** Tells of a changed price, and of the plan that it is too. */
export function announcePrice(realm: Realm, before: Stripe.Price, after: Stripe.Price): void {
  if (after.recurring) {
    const [old, plan] = [answer(planOf(realm, before)), answer(planOf(realm, after))];
    realm.emit('plan.updated', plan, differences(old, plan));
  }
  realm.emit('price.updated', after, differences(answer(before), answer(after)));
}

function remove(call: Call): StripeObject {
  const { realm } = call;
  const price = priceOf(call);
  realm.emit('plan.deleted', planOf(realm, price));
  deleteObject(realm, 'price', price.id);
  return { id: price.id, object: 'plan', deleted: true };
}

function listPlans({ realm, params, path }: Call): StripeObject {
  const page = listPage({
    realm,
    kind: 'price',
    params,
    url: path,
    belongs: ({ object }) => object['recurring'] !== null,
  });
  const prices = page['data'] as Stripe.Price[];
  return { ...page, data: prices.map((price) => planOf(realm, price)) };
}

function priceOf({ realm, ids: [id = ''] }: Call): Stripe.Price {
  const price = realm.get('price', id);
  if (!price?.recurring) throw noSuch('plan', id, 'plan', 404);
  return price;
}
