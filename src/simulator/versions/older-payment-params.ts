import { elements, type FormObject } from '../server/form.ts';
import { APRIL_2024, AUGUST_2022, AUGUST_2023, DAHLIA, ENDIVE } from './names.ts';
import { UI_MODES } from './older-checkout.ts';
import { each, hash, inside, take, type OlderParams, type OlderRequest } from './older-params.ts';

const CHECKOUT = /^POST \/v1\/checkout\/sessions$/;

/** What payments and Checkout took. */
export const OLDER_PAYMENT_PARAMS: readonly OlderParams[] = [
  { before: AUGUST_2023, routes: /^POST \/v1\/(payment|setup)_intents$/, today: cardsOnly },
  {
    before: ENDIVE,
    routes: /^POST \/v1\/((payment|setup)_intents(\/\{\}(\/confirm)?)?|checkout\/sessions)$/,
    today: methodTypes,
  },
  {
    before: APRIL_2024,
    routes: /^POST \/v1\/payment_intents$/,
    today: ({ form }) => {
      form['capture_method'] ??= 'automatic';
    },
  },
  {
    before: DAHLIA,
    routes: CHECKOUT,
    today: ({ form }) => {
      const [today] = Object.entries(UI_MODES).find(([, older]) => older === form['ui_mode']) ?? [];
      if (today !== undefined) form['ui_mode'] = today;
    },
  },
  { before: AUGUST_2022, routes: CHECKOUT, today: lineItems },
  { before: AUGUST_2022, routes: CHECKOUT, today: subscriptionItems },
];

/** The payment methods, when the caller names them; today Stripe chooses. */
function methodTypes({ form }: OlderRequest): Record<string, unknown> {
  const types = form['payment_method_types'];
  if (typeof types !== 'object') return {};
  delete form['payment_method_types'];
  return { payment_method_types: elements(types) };
}

/** Cards, unless the caller asked for more: that Stripe chooses was not the rule yet. */
function cardsOnly({ form }: OlderRequest): Record<string, unknown> {
  if ('payment_method_types' in form || 'automatic_payment_methods' in form) return {};
  return { payment_method_types: ['card'] };
}

/** Line items that say themselves what they cost. */
function lineItems({ form }: OlderRequest): void {
  for (const item of each(form, 'line_items')) {
    if (!('amount' in item) && !('name' in item)) continue;
    const [name, description, images] = ['name', 'description', 'images'].map((field) => take(item, field));
    item['price_data'] = hash({
      currency: take(item, 'currency'),
      unit_amount: take(item, 'amount'),
      product_data: hash({ name, description, images }),
    });
  }
}

/** Plans, where a session's line items have prices since. */
function subscriptionItems({ form }: OlderRequest): void {
  const data = inside(form, 'subscription_data');
  if (!data) return;
  const coupon = take(data, 'coupon');
  if (coupon !== undefined) form['discounts'] ??= hash({ '0': hash({ coupon }) });
  take(data, 'trial_from_plan');
  const items = each(data, 'items');
  delete data['items'];
  for (const item of items) addLineItem(form, item);
}

function addLineItem(form: FormObject, { plan, price, quantity }: FormObject): void {
  const lines = inside(form, 'line_items') ?? hash({});
  lines[String(Object.keys(lines).length)] = hash({ price: price ?? plan, quantity: quantity ?? '1' });
  form['line_items'] = lines;
}
