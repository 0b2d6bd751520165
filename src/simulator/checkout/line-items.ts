import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import { worth } from '../billing/discounts/calculate.ts';
import { termsOf } from '../billing/discounts/coupons.ts';
import { couponOf } from '../billing/discounts/promotion-codes.ts';
import type { Params } from '../contract/validate.ts';
import { said } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import { amountOf } from '../billing/catalog/amounts.ts';
import { inlinePrice } from '../billing/catalog/prices.ts';

// docs.stripe.com/api/checkout/sessions/create#create_checkout_session-line_items
const ITEMS_MAX_PAYMENT = 100;
const ITEMS_MAX_SUBSCRIPTION = 40;
const TOTAL_MIN = 50;

/** What the buyer is to pay for, before it belongs to a session. */
export interface Cart {
  items: Partial<Stripe.LineItem>[];
  currency: string;
  subtotal: number;
  discount: number;
  total: number;
}

/** Reads `line_items` and adds them up; makes the prices and products that are given in place. */
export function readCart(realm: Realm, params: Params): Cart {
  const lines = params['line_items'] as Params[];
  const mode = params['mode'] as string;
  const most = mode === 'subscription' ? ITEMS_MAX_SUBSCRIPTION : ITEMS_MAX_PAYMENT;
  if (lines.length === 0) throw missingParameter('line_items');
  if (lines.length > most)
    throw badParameter(`At most ${most} line items are allowed.`, { param: 'line_items' });
  const items = lines.map((line, index) => readItem(realm, line, `line_items[${index}]`, hasTrial(params)));
  const [first] = items;
  const currency = first?.currency ?? 'usd';
  const stranger = items.find((item) => item.currency !== currency);
  if (stranger)
    throw badParameter(
      `The price specified uses \`${stranger.currency}\` but the other line items use \`${currency}\`; ` +
        `all line items ` +
        'must have the same currency.',
      { param: 'line_items' },
    );
  checkMode(items, mode);
  const subtotal = items.reduce((sum, item) => sum + (item.amount_subtotal ?? 0), 0);
  const discount = discountOn(realm, subtotal, currency, params['discounts'] as Params[] | undefined);
  const total = subtotal - discount;
  if (mode === 'payment' && total > 0 && total < TOTAL_MIN && currency === 'usd')
    throw badParameter(
      `The Checkout Session's total amount must convert to at least 50 cents. ${said(total, currency)} ` +
        `is too little.`,
      { code: 'amount_too_small' },
    );
  return { items: share(items, discount, subtotal), currency, subtotal, discount, total };
}

function readItem(realm: Realm, line: Params, path: string, trial: boolean): Partial<Stripe.LineItem> {
  const data = line['price_data'] as Params | undefined;
  const id = line['price'] as string | undefined;
  if ((data === undefined) === (id === undefined))
    throw badParameter(
      data === undefined
        ? `You must specify either \`price\` or \`price_data\` in \`${path}\`.`
        : 'You may only specify one of these parameters: price, price_data.',
      { code: data === undefined ? 'parameter_missing' : 'parameters_exclusive', param: path },
    );
  const price = data
    ? inlinePrice(realm, data, `${path}[price_data]`)
    : realm.need('price', id ?? '', `${path}[price]`);
  // What a payment link sells was chosen when the link was made.
  if (!data && !price.active && line['chosen'] !== true)
    throw badParameter('The price specified is inactive. This field only accepts active prices.', {
      param: `${path}[price]`,
    });
  const metered = price.recurring?.usage_type === 'metered';
  const adjustable = line['adjustable_quantity'] as Params | undefined;
  const quantity = line['quantity'] as number | undefined;
  if (quantity === undefined && !metered)
    throw badParameter(`Quantity is required. Add \`quantity\` to \`${path}\``, {
      code: 'parameter_missing',
      param: `${path}[quantity]`,
    });
  if (quantity !== undefined && quantity < 1)
    throw badParameter('This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: `${path}[quantity]`,
    });
  const free = metered || (trial && price.type === 'recurring');
  const amount = free ? 0 : amountOf(realm, price, quantity ?? 0, price.currency);
  const product = realm.get('product', price.product as string);
  return {
    adjustable_quantity:
      adjustable?.['enabled'] === true ? ({ maximum: null, minimum: null, ...adjustable } as never) : null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product?.name ?? null,
    metadata: mergeMetadata({}, line['metadata']),
    price,
    quantity: quantity ?? null,
  };
}

/** Whether what is sold is free at first. */
function hasTrial({ subscription_data: data }: Params): boolean {
  const { trial_end: end, trial_period_days: days } = (data ?? {}) as Params;
  return end !== undefined || days !== undefined;
}

function checkMode(items: Partial<Stripe.LineItem>[], mode: string): void {
  const recurring = items.filter(({ price }) => price?.type === 'recurring').length;
  if (mode === 'payment' && recurring > 0)
    throw badParameter(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode ' +
        'or use only ' +
        'one-time prices.',
      { param: 'line_items' },
    );
  if (mode === 'subscription' && recurring === 0)
    throw badParameter(
      'You must provide at least one recurring price in `subscription` mode when using prices.',
      {
        param: 'line_items',
      },
    );
}

/** What the discounts of a session take off, from `discounts` as the API's parameters have it. */
export function discountOn(
  realm: Realm,
  subtotal: number,
  currency: string,
  discounts: Params[] | undefined,
): number {
  const given = discounts?.[0];
  const code = given?.['promotion_code'] as string | undefined;
  const id = given?.['coupon'] as string | undefined;
  if (id === undefined && code === undefined) return 0;
  const coupon =
    code === undefined
      ? realm.need('coupon', id ?? '', 'discounts[0][coupon]')
      : realm.need('coupon', couponOf(realm.need('promotion_code', code, 'discounts[0][promotion_code]')));
  return worth(termsOf(realm, coupon), subtotal, currency);
}

/** Spreads a discount over the items; what rounding leaves over goes to the last. */
export function share(
  items: Partial<Stripe.LineItem>[],
  discount: number,
  subtotal: number,
): Partial<Stripe.LineItem>[] {
  if (discount === 0) return items;
  let left = discount;
  return items.map((item, index) => {
    const own = item.amount_subtotal ?? 0;
    const part = index === items.length - 1 ? left : Math.round((discount * own) / subtotal);
    left -= part;
    return { ...item, amount_discount: part, amount_total: own - part };
  });
}
