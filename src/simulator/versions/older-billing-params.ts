import { APRIL_2024, BASIL, CLOVER, ENDIVE } from './names.ts';
import { each, hash, inside, rename, take, type OlderParams, type OlderRequest } from './older-params.ts';

const SUBSCRIPTION = /^POST \/v1\/subscriptions(\/\{\})?$/;
const ITEMS = /^POST \/v1\/invoiceitems(\/\{\})?$/;

/** What billing took. */
export const OLDER_BILLING_PARAMS: readonly OlderParams[] = [
  { before: ENDIVE, routes: /^POST \/v1\/subscriptions\/\{\}(\/resume)?$/, today: anchor },
  {
    before: CLOVER,
    routes: /^POST \/v1\/promotion_codes$/,
    today: ({ form }) => {
      const coupon = take(form, 'coupon');
      if (coupon !== undefined) form['promotion'] ??= hash({ coupon, type: 'coupon' });
    },
  },
  { before: CLOVER, routes: /^POST \/v1\/subscription_schedules(\/\{\})?$/, today: iterations },
  { before: BASIL, routes: /^POST \/v1\/customers(\/\{\})?$/, today: customerDiscount },
  { before: BASIL, routes: /^POST \/v1\/invoices\/create_preview$/, today: upcoming },
  { before: BASIL, routes: /^POST \/v1\/invoices\/create_preview$/, today: oneDiscount },
  { before: BASIL, routes: SUBSCRIPTION, today: oneDiscount },
  { before: BASIL, routes: SUBSCRIPTION, today: onePlan },
  {
    before: BASIL,
    routes: ITEMS,
    today: ({ form }) => {
      const price = take(form, 'price');
      if (price !== undefined) form['pricing'] ??= hash({ price });
      rename(form, 'unit_amount', 'unit_amount_decimal');
    },
  },
  {
    before: BASIL,
    routes: /^POST \/v1\/credit_notes$/,
    today: ({ form }) => {
      const refund = take(form, 'refund');
      if (refund !== undefined) form['refunds'] ??= hash({ '0': hash({ refund }) });
    },
  },
  {
    before: BASIL,
    routes: /^POST \/v1\/(plans|prices)$/,
    today: ({ form }) => {
      take(form, 'aggregate_usage');
      const recurring = inside(form, 'recurring');
      if (recurring) take(recurring, 'aggregate_usage');
    },
  },
  {
    before: APRIL_2024,
    routes: /^POST \/v1\/products(\/\{\})?$/,
    today: ({ form }) => rename(form, 'features', 'marketing_features'),
  },
  {
    before: APRIL_2024,
    routes: /^POST \/v1\/invoices(\/\{\})?$/,
    today: ({ form }) => rename(form, 'rendering_options', 'rendering'),
  },
];

/** A word, where an object has its place for more since. */
function anchor({ form }: OlderRequest): void {
  const word = form['billing_cycle_anchor'];
  if (typeof word === 'string' && word !== '') form['billing_cycle_anchor'] = hash({ type: word });
}

/** How often a phase's period comes, where it says how long it is since. */
function iterations({ realm, form }: OlderRequest): void {
  for (const phase of each(form, 'phases')) {
    const count = Number(take(phase, 'iterations'));
    const [item = hash({})] = each(phase, 'items');
    const price = item['price'] ?? item['plan'];
    const recurring =
      realm.get('price', typeof price === 'string' ? price : undefined)?.recurring ??
      inside(inside(item, 'price_data') ?? hash({}), 'recurring');
    if (!(count > 0) || !recurring) continue;
    const interval_count = String(count * Number(recurring.interval_count ?? 1));
    phase['duration'] ??= hash({ interval: recurring.interval, interval_count });
  }
}

/** The coupon or promotion code of a customer, which has no successor; empty it takes the discount away. */
function customerDiscount({ form }: OlderRequest): Record<string, unknown> {
  const given = ['coupon', 'promotion_code'].filter((name) => typeof form[name] === 'string');
  return Object.fromEntries(given.map((name) => [name, take(form, name) || null]));
}

/** What the subscription is to be like, side by side with the other parameters. */
function upcoming({ form }: OlderRequest): void {
  const details = inside(form, 'subscription_details') ?? hash({});
  for (const name of Object.keys(form).filter((each) => /^subscription_(?!details$)/.test(each)))
    details[name.slice('subscription_'.length)] = take(form, name) ?? '';
  if (Object.keys(details).length > 0) form['subscription_details'] = details;
}

/** The one coupon or promotion code of a subscription; an empty one took the discount away. */
function oneDiscount({ form }: OlderRequest): void {
  for (const name of ['coupon', 'promotion_code']) {
    const value = take(form, name);
    if (value !== undefined) form['discounts'] ??= value === '' ? '' : hash({ '0': hash({ [name]: value }) });
  }
}

/** The one plan of a subscription, of the time before items; in an update it takes the first item's place. */
function onePlan({ realm, ids, form }: OlderRequest): void {
  const plan = take(form, 'plan');
  const quantity = take(form, 'quantity');
  if (plan === undefined && quantity === undefined) return;
  const [first] = realm.where('subscription_item', 'subscription', ids[0] ?? '');
  form['items'] ??= hash({ '0': hash({ id: first?.id, plan, quantity }) });
}
