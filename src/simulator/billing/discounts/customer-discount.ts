import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { text } from '../params.ts';
import { endDiscount, redeem } from './redeem.ts';

/** DELETE /v1/customers/{}/discount; see docs.stripe.com/api/discounts */
export const customerDiscounts: Resource = {
  routes: { 'DELETE /v1/customers/{}/discount': remove },
};

/** Gives a customer the discount of `coupon` or `promotion_code`, or takes it away where these are empty. */
export function discountCustomer(realm: Realm, id: string, params: Record<string, unknown>): void {
  if (params['coupon'] === undefined && params['promotion_code'] === undefined) return;
  const before = realm.need('customer', id).discount ?? null;
  const given = text(params, 'coupon') ?? text(params, 'promotion_code');
  if (given === undefined) {
    if (before) drop(realm, id, before);
    return;
  }
  const discount = redeem(realm, params, { customer: id }, '');
  realm.change('customer', id, { discount });
  if (before) realm.emit('customer.discount.updated', discount, { source: before.source, id: before.id });
  else realm.emit('customer.discount.created', discount);
}

function remove({ realm, ids: [id = ''] }: Call): StripeObject {
  const { discount } = realm.named('customer', id, 'customer');
  if (!discount) throw refused('No active discount for customer', { code: 'resource_missing', status: 404 });
  return drop(realm, id, discount);
}

function drop(realm: Realm, customer: string, { id }: Stripe.Discount): StripeObject {
  realm.change('customer', customer, { discount: null });
  return endDiscount(realm, id);
}
