import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { amountOf } from '../catalog/amounts.ts';
import { share } from '../catalog/decimal.ts';
import { takeDiscounts } from '../discounts/calculate.ts';
import { pricingOf } from '../invoices/lines.ts';
import type { Period } from '../time/calendar.ts';
import { describeProration } from './describe.ts';
import { isMetered, type Item } from './items.ts';
import type { Subscription } from './store.ts';

/** An item as it was, or as it is now, in the period that it is paid for. */
export interface Holding {
  item: Item;
  period: Period;
}

/** Gives back what is left of a period that was paid. */
export function creditRest(
  realm: Realm,
  subscription: Subscription,
  { item, period }: Holding,
  at: number,
): void {
  prorate(realm, subscription, { item, period }, { at, unused: true });
}

/** Asks for what is left of a period. */
export function chargeRest(
  realm: Realm,
  subscription: Subscription,
  { item, period }: Holding,
  at: number,
): void {
  prorate(realm, subscription, { item, period }, { at, unused: false });
}

function prorate(
  realm: Realm,
  subscription: Subscription,
  { item, period }: Holding,
  { at, unused }: { at: number; unused: boolean },
): void {
  if (isMetered(item) || at >= period.end) return;
  const { price } = item;
  const quantity = item.quantity ?? 1;
  const whole = amountOf(realm, price, quantity, subscription.currency);
  const rest = share(whole, period.end - Math.max(at, period.start), period.end - period.start);
  const net = afterDiscounts(realm, subscription, item, rest);
  const customer = idOf(subscription.customer) ?? '';
  const made = realm.insert('invoiceitem', {
    amount: unused ? -net : net,
    currency: subscription.currency,
    customer,
    date: realm.now,
    description: describeProration(realm, price, quantity, { unused, at }),
    discountable: false,
    discounts: [],
    invoice: null,
    metadata: {},
    parent: {
      subscription_details: { subscription: subscription.id, subscription_item: item.id },
      type: 'subscription_details',
    },
    period: { start: at, end: period.end },
    pricing: pricingOf(price, null) as never,
    proration: true,
    proration_details: {
      credited_items: unused ? creditedItems(realm, subscription, item) : null,
      discount_amounts: [],
    },
    quantity,
    quantity_decimal: String(quantity) as never,
    tax_rates: item.tax_rates ?? [],
    test_clock: idOf(subscription.test_clock),
  });
  realm.emit('invoiceitem.created', made);
}

/** What was or would be paid once the discounts of item and subscription are taken off. */
function afterDiscounts(realm: Realm, subscription: Subscription, item: Item, amount: number): number {
  const discounts = [...(item.discounts as string[]), ...(subscription.discounts as string[])];
  const slice = { amount, discountable: true, product: idOf(item.price.product) };
  const taken = takeDiscounts(realm, [slice], discounts, subscription.currency);
  return amount - taken.reduce((sum, { amounts }) => sum + (amounts[0] ?? 0), 0);
}

/** The line by which the period that is given back was paid. */
function creditedItems(
  realm: Realm,
  subscription: Subscription,
  item: Item,
): Stripe.InvoiceItem.ProrationDetails.CreditedItems | null {
  const lines = realm.where('line_item', 'subscription_item', item.id);
  const line = lines.findLast(({ amount, invoice }) => {
    const status = realm.get('invoice', invoice)?.status;
    return amount > 0 && (status === 'paid' || status === 'open');
  });
  if (!line?.invoice || subscription.status === 'trialing') return null;
  const invoice_line_item_details = { invoice: line.invoice, invoice_line_items: [line.id] };
  return { invoice_line_item_details, type: 'invoice_line_items' };
}
