import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import { checkCurrency } from '../../payments/amounts.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import { checkPriceCurrency } from '../catalog/amounts.ts';
import { times } from '../catalog/decimal.ts';
import { inlinePrice } from '../catalog/prices.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { group, list, number, text } from '../params.ts';
import type { Period } from '../time/calendar.ts';
import { pricingOf } from './lines.ts';

type Item = Stripe.InvoiceItem;

/** What an invoice item or a line costs, however that was said. */
export interface Cost {
  amount: number;
  price: Stripe.Price;
  quantity: number;
  unit_amount_decimal: string;
}

/** Makes a pending invoice item from parameters that were checked, or one for the draft that they name. */
export function makeItem(realm: Realm, params: Params, path = ''): Item {
  const invoice = realm.get('invoice', text(params, 'invoice'));
  const customer = text(params, 'customer') ?? idOf(invoice?.customer) ?? undefined;
  if (customer === undefined) throw missingParameter('customer');
  const owner = realm.need('customer', customer, 'customer');
  const currency = itemCurrency(params, invoice?.currency ?? owner.currency ?? undefined);
  const cost = costOf(realm, params, currency, path);
  const id = realm.newId('invoiceitem');
  const subscription = text(params, 'subscription');
  const made = {
    id,
    amount: cost.amount,
    currency,
    customer,
    date: realm.now,
    description: text(params, 'description') ?? null,
    discountable: params['discountable'] !== false,
    discounts: redeemAll(realm, list(params, 'discounts'), { customer, invoice_item: id }, 'discounts'),
    invoice: invoice?.id ?? null,
    metadata: mergeMetadata({}, params['metadata']),
    parent: subscription === undefined ? null : subscribed(realm, subscription),
    period: periodOf(params, realm.now),
    pricing: pricingOf(cost.price, cost.unit_amount_decimal),
    proration: false,
    quantity: cost.quantity,
    quantity_decimal: String(cost.quantity),
    tax_rates: taxRatesOf(realm, params, 'tax_rates'),
    test_clock: idOf(owner.test_clock ?? null),
  };
  const item = realm.insert('invoiceitem', made as unknown as Partial<Item>);
  realm.emit('invoiceitem.created', item);
  return item;
}

/** Reads `amount`, `pricing[price]`, `price_data` or `unit_amount_decimal`; exactly one says the cost. */
export function costOf(realm: Realm, params: Params, currency: string, path: string): Cost {
  const quantity = Number(text(params, 'quantity_decimal') ?? number(params, 'quantity') ?? 1);
  const known = text(group(params, 'pricing'), 'price') ?? text(params, 'price');
  const data = params['price_data'] as Params | undefined;
  if (known !== undefined || data) {
    const price = data ? inlinePrice(realm, data, `${path}price_data`) : needOneTime(realm, known ?? '');
    checkPriceCurrency(realm, price, currency, `${path}currency`);
    const unit = String(price.unit_amount_decimal ?? 0);
    return { amount: times(unit, quantity), price, quantity, unit_amount_decimal: unit };
  }
  const amount = number(params, 'amount');
  const unit = text(params, 'unit_amount_decimal') ?? (amount === undefined ? undefined : String(amount));
  if (unit === undefined) throw missingParameter('amount');
  if (amount !== undefined && params['quantity'] !== undefined)
    throw badParameter('You may only specify one of these parameters: amount, quantity.', {
      code: 'parameters_exclusive',
    });
  const price = unnamedPrice(realm, unit, currency, text(params, 'description'));
  return { amount: times(unit, quantity), price, quantity, unit_amount_decimal: unit };
}

/** Pending items that the next invoice takes up: those of the subscription, and those of none. */
export function pendingItems(
  realm: Realm,
  customer: string,
  currency: string,
  { subscription, loose }: { subscription?: string | undefined; loose: boolean },
): Item[] {
  return realm.where('invoiceitem', 'customer', customer).filter((item) => {
    const owner = item.parent?.subscription_details?.subscription ?? null;
    const wanted = owner === null ? loose : owner === subscription;
    return item.invoice === null && item.currency === currency && wanted;
  });
}

/** The period that an item is for; a moment when none is given. */
export function periodOf(params: Params, now: number): Period {
  const period = params['period'] as Period | undefined;
  if (!period) return { start: now, end: now };
  if (period.end < period.start)
    throw badParameter('The period end must not be before its start.', { param: 'period[end]' });
  return period;
}

function itemCurrency(params: Params, otherwise: string | undefined): string {
  const named = text(params, 'currency') ?? text(group(params, 'price_data'), 'currency');
  return checkCurrency(named ?? otherwise ?? 'usd');
}

function needOneTime(realm: Realm, id: string): Stripe.Price {
  const price = realm.need('price', id, 'pricing[price]');
  if (price.type !== 'one_time')
    throw refused(
      'The price specified is set to `type=recurring` but this field only accepts prices with ' +
        '`type=one_time`.',
      { param: 'pricing[price]' },
    );
  return price;
}

/** An amount without a price gets one of its own, which is not for sale and is not announced. */
function unnamedPrice(realm: Realm, unit: string, currency: string, name: string | undefined): Stripe.Price {
  const product = realm.insert('product', {
    active: false,
    images: [],
    marketing_features: [],
    metadata: {},
    name: name ?? 'Invoice item',
    type: 'service',
    updated: realm.now,
  });
  return realm.insert('price', {
    active: false,
    billing_scheme: 'per_unit',
    currency,
    product: product.id,
    recurring: null,
    tax_behavior: 'unspecified',
    type: 'one_time',
    unit_amount: Number.isInteger(Number(unit)) ? Number(unit) : null,
    unit_amount_decimal: unit as never,
  });
}

function subscribed(realm: Realm, subscription: string): Item['parent'] {
  realm.need('subscription', subscription, 'subscription');
  return { subscription_details: { subscription }, type: 'subscription_details' };
}
