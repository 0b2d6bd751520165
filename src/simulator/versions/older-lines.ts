import type Stripe from 'stripe';
import { planOf } from '../billing/catalog/plan-of.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { BASIL } from './names.ts';
import type { OlderField } from './older-field.ts';
import { taxAmounts } from './older-money.ts';

type Line = Stripe.InvoiceLineItem;

/** What the lines of invoices, and the items that lines are made of, showed before `parent` and `pricing`. */
export const OLDER_LINES: readonly OlderField[] = [
  line('amount_excluding_tax', (_realm, { amount, taxes }) => amount - inclusive(taxes)),
  line('invoice_item', (_realm, { parent }) => {
    const { invoice_item_details: item, subscription_item_details: subscribed } = parent ?? {};
    return item?.invoice_item ?? subscribed?.invoice_item ?? undefined;
  }),
  line('plan', planIn),
  line('price', priceIn),
  line('proration', (_realm, { parent }) => details(parent)?.proration ?? false),
  line('proration_details', (_realm, { parent }) => {
    return details(parent)?.proration_details ?? { credited_items: null };
  }),
  line('subscription_item', (_realm, { parent }) => parent?.subscription_item_details?.subscription_item),
  line('tax_amounts', (_realm, { taxes }) => taxAmounts(taxes)),
  line('tax_rates', (realm, { id }) =>
    (realm.hidden('line_item', id).rates ?? []).flatMap((rate) => realm.get('tax_rate', rate) ?? []),
  ),
  line('type', (_realm, { parent }) => {
    return parent?.type === 'subscription_item_details' ? 'subscription' : 'invoiceitem';
  }),
  line('unit_amount_excluding_tax', (_realm, { amount, quantity, taxes }) => {
    return quantity ? String((amount - inclusive(taxes)) / quantity) : null;
  }),
  item('plan', planIn),
  item('price', priceIn),
  item('subscription', (_realm, { parent }) => parent?.subscription_details?.subscription ?? null, [
    'subscription',
  ]),
  item('subscription_item', (_realm, { parent }) => parent?.subscription_details?.subscription_item),
  item('unit_amount', (_realm, { amount, pricing, quantity }) => {
    const decimal = pricing?.unit_amount_decimal;
    const unit = decimal ? Number(String(decimal)) : amount / (quantity || 1);
    return Number.isInteger(unit) ? unit : null;
  }),
  item('unit_amount_decimal', (_realm, { amount, pricing, quantity }) => {
    const decimal = pricing?.unit_amount_decimal;
    return decimal ? String(decimal) : String(amount / (quantity || 1));
  }),
];

function line(field: string, was: (realm: Realm, line: Line) => unknown): OlderField {
  const value = (realm: Realm, object: StripeObject): unknown => was(realm, object as unknown as Line);
  // Checkout's lines are of another kind, `item`, and still have their price.
  return { before: BASIL, kind: 'line_item', field, was: value };
}

function item(
  field: string,
  was: (realm: Realm, item: Stripe.InvoiceItem) => unknown,
  holds?: readonly string[],
): OlderField {
  const value = (realm: Realm, object: StripeObject): unknown =>
    was(realm, object as unknown as Stripe.InvoiceItem);
  return { before: BASIL, kind: 'invoiceitem', field, was: value, ...(holds && { holds }) };
}

function details(
  parent: Line['parent'],
):
  | Pick<Stripe.InvoiceLineItem.Parent.InvoiceItemDetails, 'proration' | 'proration_details'>
  | null
  | undefined {
  return parent?.invoice_item_details ?? parent?.subscription_item_details;
}

function inclusive(taxes: Line['taxes']): number {
  const inside = (taxes ?? []).filter(({ tax_behavior: behavior }) => behavior === 'inclusive');
  return inside.reduce((total, { amount }) => total + amount, 0);
}

function priceIn(realm: Realm, { pricing }: Pick<Line, 'pricing'>): Stripe.Price | null {
  return realm.get('price', idOf(pricing?.price_details?.price)) ?? null;
}

function planIn(realm: Realm, line: Pick<Line, 'pricing'>): Stripe.Plan | null {
  const price = priceIn(realm, line);
  return price?.recurring ? planOf(realm, price) : null;
}
