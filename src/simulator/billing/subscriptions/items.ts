import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter, noSuch, refused } from '../../server/errors.ts';
import { planOf } from '../catalog/plan-of.ts';
import { inlinePrice } from '../catalog/prices.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { list, number, text } from '../params.ts';
import { periodAround, type Cadence, type Period } from '../time/calendar.ts';

export type Item = Stripe.SubscriptionItem;

// docs.stripe.com/billing/subscriptions/multiple-products
const ITEMS_MAX = 20;

/** An item as parameters ask for it. */
export interface WantedItem {
  price: Stripe.Price;
  quantity: number | undefined;
  params: Params;
  path: string;
}

/** The items of a subscription in the order in which they were added. */
export function itemsOf(realm: Realm, subscription: string): Item[] {
  return realm.where('subscription_item', 'subscription', subscription);
}

/** Reads `items`; each one names a recurring price in one way or another. */
export function readItems(realm: Realm, items: readonly Params[], path: string): WantedItem[] {
  if (items.length > ITEMS_MAX)
    throw badParameter(`A subscription can have up to ${ITEMS_MAX} items.`, { param: path });
  return items.map((item, index) => {
    const at = `${path}[${index}]`;
    const price = priceOf(realm, item, at);
    if (!price) throw missingParameter(`${at}[price]`);
    return { price, quantity: number(item, 'quantity'), params: item, path: at };
  });
}

/** The recurring price that parameters name; undefined when they name none. */
export function priceOf(realm: Realm, params: Params, path: string): Stripe.Price | undefined {
  const data = params['price_data'] as Params | undefined;
  const plan = text(params, 'plan');
  const id = text(params, 'price') ?? plan;
  if (!data && id === undefined) return undefined;
  const at = (name: string): string => (path === '' ? name : `${path}[${name}]`);
  const price = data ? inlinePrice(realm, data, at('price_data')) : realm.get('price', id);
  // A price that a plan made is named by the older word, and by the older parameter.
  if (!price && text(params, 'price') === undefined) throw noSuch('plan', id ?? '', 'plan', 400);
  if (!price) throw noSuch('price', id ?? '', at('price'), 400);
  // What was chosen in a session or a schedule stays chosen, prices given in place among it.
  if (!data && !price.active && params['chosen'] !== true)
    throw refused('The price specified is inactive. This field only accepts active prices.', {
      param: at('price'),
    });
  if (price.type === 'recurring') return price;
  throw refused(
    'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
    { param: at('price') },
  );
}

/** Adds an item for a period that is its first one. */
export function addItem(
  realm: Realm,
  subscription: { id: string; customer: string },
  { price, quantity, params }: WantedItem,
  period: Period,
): Item {
  const id = realm.newId('subscription_item');
  const owner = { customer: subscription.customer, subscription: subscription.id, subscription_item: id };
  const metered = price.recurring?.usage_type === 'metered';
  const item = {
    id,
    billing_thresholds: params['billing_thresholds'] ?? null,
    created: realm.now,
    current_period_end: period.end,
    current_period_start: period.start,
    discounts: redeemAll(realm, list(params, 'discounts'), owner, 'items[discounts]'),
    metadata: mergeMetadata({}, params['metadata']),
    plan: planOf(realm, price),
    price,
    ...(!metered && { quantity: quantity ?? 1 }),
    subscription: subscription.id,
    tax_rates: taxRatesOf(realm, params, 'tax_rates'),
  };
  return realm.insert('subscription_item', item as unknown as Partial<Item>);
}

/** Gives an item another price. */
export function priced(realm: Realm, price: Stripe.Price): Partial<Item> {
  return { price, plan: planOf(realm, price) };
}

/** The list that a subscription shows of its items, and the fields that it had when there was only one. */
export function shownItems(realm: Realm, subscription: string): Partial<Stripe.Subscription> {
  const data = itemsOf(realm, subscription);
  const [first] = data;
  const single = data.length === 1 ? first : undefined;
  return {
    items: {
      object: 'list',
      data,
      has_more: false,
      total_count: data.length,
      url: `/v1/subscription_items?subscription=${subscription}`,
    },
    plan: single ? planOf(realm, single.price) : null,
    quantity: single?.quantity ?? null,
  } as Partial<Stripe.Subscription>;
}

/** The period of an item around a moment, counted from the subscription's anchor. */
export function periodOf(price: Stripe.Price, anchor: number, at: number): Period {
  return periodAround(anchor, cadenceOf(price), at);
}

function cadenceOf({ recurring }: Stripe.Price): Cadence {
  return {
    interval: recurring?.interval ?? 'month',
    interval_count: recurring?.interval_count ?? 1,
  } as Cadence;
}

/** The period that an item is in. */
export function periodIn({ current_period_start: start, current_period_end: end }: Item): Period {
  return { start, end };
}

export function isMetered({ price }: { price: Stripe.Price }): boolean {
  return price.recurring?.usage_type === 'metered';
}
