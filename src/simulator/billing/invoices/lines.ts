import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Period } from '../time/calendar.ts';

export type Line = Stripe.InvoiceLineItem;

/** What a line says, before discounts and taxes. */
export interface LineFields {
  amount: number;
  currency: string;
  description: string | null;
  period: Period;
  price: Stripe.Price | null;
  quantity: number | null;
  unit_amount_decimal: string | null;
  discountable?: boolean;
  discounts?: string[];
  metadata?: Record<string, string>;
  parent?: Stripe.InvoiceLineItem.Parent | null;
  /** Ids of tax rates of its own. */
  rates?: readonly string[];
}

/** The lines of an invoice in the order in which they were added. */
export function linesOf(realm: Realm, invoice: string): Line[] {
  return realm.where('line_item', 'invoice', invoice);
}

/** Adds a line; the caller has the totals worked out again when all are there. */
export function addLine(realm: Realm, invoice: string, fields: LineFields): Line {
  const { price, parent = null, rates = [], unit_amount_decimal: unit, quantity, ...rest } = fields;
  const { invoice_item_details: item, subscription_item_details: subscribed } = parent ?? {};
  const line = {
    discountable: true,
    discounts: [],
    metadata: {},
    ...rest,
    discount_amounts: [],
    invoice,
    parent,
    pretax_credit_amounts: [],
    pricing: pricingOf(price, unit),
    quantity,
    quantity_decimal: quantity === null ? null : String(quantity),
    subscription: subscribed?.subscription ?? item?.subscription ?? null,
    subtotal: fields.amount,
    taxes: [],
  };
  return realm.insert('line_item', line as unknown as Partial<Line>, {
    rates,
    ...(subscribed && { subscription_item: subscribed.subscription_item }),
    invoiceitem: item?.invoice_item ?? subscribed?.invoice_item ?? '',
  });
}

/** Adds a pending invoice item to an invoice. */
export function addItem(realm: Realm, invoice: string, item: Stripe.InvoiceItem): Line {
  const price = realm.get('price', idOf(item.pricing?.price_details?.price)) ?? null;
  const changed = realm.change('invoiceitem', item.id, { invoice });
  return addLine(realm, invoice, {
    amount: changed.amount,
    currency: changed.currency,
    description: changed.description,
    discountable: changed.discountable,
    discounts: (changed.discounts ?? []) as string[],
    metadata: changed.metadata ?? {},
    parent: parentOf(changed),
    period: changed.period,
    price,
    quantity: changed.quantity,
    rates: (changed.tax_rates ?? []).map(({ id }) => id),
    unit_amount_decimal: changed.pricing?.unit_amount_decimal as unknown as string | null,
  });
}

/** `pricing` as lines and invoice items have it. */
export function pricingOf(price: Stripe.Price | null, unit: string | null): Params | null {
  if (!price) return null;
  return {
    price_details: { price: price.id, product: price.product as string },
    type: 'price_details',
    unit_amount_decimal: unit,
  };
}

function parentOf(item: Stripe.InvoiceItem): Stripe.InvoiceLineItem.Parent {
  const { subscription, subscription_item } = item.parent?.subscription_details ?? {};
  const credited = item.proration_details?.credited_items?.invoice_line_item_details ?? null;
  const details = {
    invoice_item: item.id,
    proration: item.proration,
    proration_details: { credited_items: credited },
  };
  if (subscription_item === undefined)
    return {
      invoice_item_details: { ...details, subscription: subscription ?? null },
      subscription_item_details: null,
      type: 'invoice_item_details',
    };
  return {
    invoice_item_details: null,
    subscription_item_details: { ...details, subscription: subscription ?? null, subscription_item },
    type: 'subscription_item_details',
  };
}
