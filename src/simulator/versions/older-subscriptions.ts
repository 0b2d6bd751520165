import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { APRIL_2024, BASIL, CLOVER } from './names.ts';
import type { OlderField } from './older-field.ts';
import { firstDiscount } from './older-money.ts';

/** What subscriptions and their surroundings showed while a subscription had one period and one discount. */
export const OLDER_SUBSCRIPTIONS: readonly OlderField[] = [
  subscription('current_period_end', (_realm, { items }) => items.data?.[0]?.current_period_end),
  subscription('current_period_start', (_realm, { items }) => items.data?.[0]?.current_period_start),
  subscription('discount', firstDiscount),
  { before: BASIL, kind: 'plan', field: 'aggregate_usage', was: () => null },
  {
    before: BASIL,
    kind: 'price',
    field: 'recurring',
    replaces: true,
    was: (_realm, { recurring }) => recurring && { aggregate_usage: null, ...recurring },
  },
  {
    before: CLOVER,
    kind: 'discount',
    field: 'coupon',
    was: (realm, { source }) => coupon(realm, (source as Stripe.Discount.Source | undefined)?.coupon),
  },
  {
    before: CLOVER,
    kind: 'promotion_code',
    field: 'coupon',
    was: (realm, { promotion }) =>
      coupon(realm, (promotion as Stripe.PromotionCode.Promotion | undefined)?.coupon),
  },
  {
    before: APRIL_2024,
    kind: 'product',
    field: 'features',
    was: (_realm, { marketing_features: features }) => features ?? [],
  },
];

function subscription(
  field: string,
  was: (realm: Realm, subscription: Stripe.Subscription) => unknown,
): OlderField {
  const value = (realm: Realm, object: StripeObject): unknown =>
    was(realm, object as unknown as Stripe.Subscription);
  return { before: BASIL, kind: 'subscription', field, was: value };
}

/** Older versions show the whole coupon. */
function coupon(realm: Realm, named: string | Stripe.Coupon | null | undefined): unknown {
  return typeof named === 'object' ? named : (realm.get('coupon', idOf(named)) ?? null);
}
