import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { partsOf } from '../catalog/amounts.ts';
import { announceDraft, makeDraft } from '../invoices/draft.ts';
import { makeItem, pendingItems } from '../invoices/items.ts';
import { addItem, addLine, type LineFields } from '../invoices/lines.ts';
import { planInvoice } from '../invoices/agenda.ts';
import { recompute } from '../invoices/totals.ts';
import type { Period } from '../time/calendar.ts';
import { describePart, describeTrial } from './describe.ts';
import { isMetered, type Item } from './items.ts';
import { customerOf, type Subscription } from './store.ts';
import { usageOf } from './usage.ts';

/** An item and the period for which it is billed. */
interface Billed {
  item: Item;
  period: Period;
  /** The period that is over, for what is paid by use; none at the beginning. */
  past?: Period | undefined;
  trial?: boolean;
}

/** What an invoice of a subscription is to hold. */
export interface Bill {
  reason: Stripe.Invoice.BillingReason;
  items: readonly Billed[];
  period: Period;
  /** One-time items that come with it. */
  extras?: readonly Params[];
  /** Waits an hour as a draft and is then finalized by itself. */
  waits: boolean;
}

/** Drafts and announces an invoice of a subscription, which shows it as its latest from now on. */
export function makeBill(realm: Realm, subscription: Subscription, bill: Bill): Stripe.Invoice {
  const customer = customerOf(realm, subscription);
  const { id } = makeDraft(realm, {
    customer,
    currency: subscription.currency,
    reason: bill.reason,
    collection: subscription.collection_method,
    advances: bill.waits,
    period: bill.period,
    subscription,
    daysUntilDue: subscription.days_until_due,
  });
  for (const extra of bill.extras ?? []) {
    const item = makeItem(realm, {
      ...extra,
      customer: customer.id,
      invoice: id,
      currency: subscription.currency,
    });
    addItem(realm, id, item);
  }
  const pending = { subscription: subscription.id, loose: true };
  for (const item of pendingItems(realm, customer.id, subscription.currency, pending))
    addItem(realm, id, item);
  for (const billed of bill.items)
    for (const line of linesFor(realm, subscription, billed)) addLine(realm, id, line);
  recompute(realm, id);
  realm.change('subscription', subscription.id, { latest_invoice: id });
  const invoice = announceDraft(realm, id);
  planInvoice(realm, id);
  return invoice;
}

/** The lines of one item: licences for the coming period, use for the one that is over. */
function linesFor(realm: Realm, subscription: Subscription, billed: Billed): LineFields[] {
  const { item, period, past, trial } = billed;
  const { price } = item;
  const common = {
    currency: subscription.currency,
    discounts: item.discounts as string[],
    metadata: {},
    parent: parentOf(subscription, item),
    price,
    rates: (item.tax_rates ?? []).map(({ id }) => id),
  };
  if (trial === true) {
    const quantity = isMetered(item) ? 0 : (item.quantity ?? 1);
    const description = describeTrial(realm, price, quantity);
    return [{ ...common, amount: 0, description, period, quantity, unit_amount_decimal: '0' }];
  }
  const customer = idOf(subscription.customer) ?? '';
  const quantity = isMetered(item)
    ? past
      ? usageOf(realm, price, customer, past)
      : 0
    : (item.quantity ?? 1);
  return partsOf(realm, price, quantity, subscription.currency).map((part) => ({
    ...common,
    amount: part.amount,
    description: describePart(realm, price, part, subscription.currency),
    period: isMetered(item) && past ? past : period,
    quantity: part.quantity,
    unit_amount_decimal: part.unit_amount_decimal,
  }));
}

function parentOf(subscription: Subscription, item: Item): Stripe.InvoiceLineItem.Parent {
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: { credited_items: null },
      subscription: subscription.id,
      subscription_item: item.id,
    },
    type: 'subscription_item_details',
  };
}
