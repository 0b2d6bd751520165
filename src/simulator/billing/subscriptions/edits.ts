import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter, noSuch, refused } from '../../server/errors.ts';
import { checkPriceCurrency } from '../catalog/amounts.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { list, number, text } from '../params.ts';
import { addItem, isMetered, priceOf, priced, type Item, type WantedItem } from './items.ts';
import type { Subscription } from './store.ts';

/** One item that is added, changed or taken away. */
export interface Edit {
  before: Item | undefined;
  after: WantedItem | undefined;
  /** Only price and quantity cost anything. */
  costs: boolean;
}

/** Reads `items` of an update; an item without an id is a new one. */
export function readEdits(realm: Realm, subscription: Subscription, items: readonly Params[]): Edit[] {
  return items.map((params, index) => {
    const path = `items[${index}]`;
    const id = text(params, 'id');
    const before = id === undefined ? undefined : itemOf(realm, subscription, id, `${path}[id]`);
    if (params['deleted'] === true) {
      if (!before) throw missingParameter(`${path}[id]`);
      return { before, after: undefined, costs: true };
    }
    const price = priceOf(realm, params, path) ?? before?.price;
    if (!price) throw missingParameter(`${path}[price]`);
    checkPriceCurrency(realm, price, subscription.currency, `${path}[price]`);
    if (!before) checkNew(subscription, price.id, path);
    const quantity = number(params, 'quantity') ?? before?.quantity;
    const costs = before?.price.id !== price.id || before.quantity !== quantity;
    return { before, after: { price, quantity, params, path }, costs };
  });
}

/** Carries the edits out and returns the ids of the items of which something is to be paid anew. */
export function applyEdits(realm: Realm, subscription: Subscription, edits: readonly Edit[]): Set<string> {
  const fresh = new Set<string>();
  const customer = idOf(subscription.customer) ?? '';
  for (const { before, after, costs } of edits) {
    if (!after) {
      if (before) realm.remove('subscription_item', before.id);
      continue;
    }
    const now = { start: realm.now, end: realm.now };
    const item = before
      ? alterItem(realm, before, after, customer)
      : addItem(realm, { id: subscription.id, customer }, after, now);
    if (costs) fresh.add(item.id);
  }
  if (realm.where('subscription_item', 'subscription', subscription.id).length === 0)
    throw refused('A subscription must have at least one active plan.', { param: 'items' });
  return fresh;
}

function alterItem(
  realm: Realm,
  before: Item,
  { price, quantity, params }: WantedItem,
  customer: string,
): Item {
  const owner = { customer, subscription: before.subscription, subscription_item: before.id };
  const discounts = params['discounts'];
  return realm.change('subscription_item', before.id, {
    ...priced(realm, price),
    ...(!isMetered({ price }) && { quantity: quantity ?? 1 }),
    ...(params['billing_thresholds'] !== undefined && {
      billing_thresholds: params['billing_thresholds'] as never,
    }),
    ...(discounts !== undefined && {
      discounts: redeemAll(realm, list(params, 'discounts'), owner, 'discounts'),
    }),
    ...(params['tax_rates'] !== undefined && { tax_rates: taxRatesOf(realm, params, 'tax_rates') }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
}

function itemOf(realm: Realm, subscription: Subscription, id: string, param: string): Item {
  const item = realm.get('subscription_item', id);
  if (item?.subscription === subscription.id) return item;
  throw noSuch('subscription_item', id, param, 400);
}

function checkNew({ items }: Subscription, price: string, path: string): void {
  if (items.data.every((item) => item.price.id !== price)) return;
  throw badParameter(
    `Cannot add multiple subscription items with the same plan: ${price}. Update the existing item's ` +
      'quantity instead.',
    { param: `${path}[price]` },
  );
}
