import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, refused } from '../../server/errors.ts';
import { deleteObject } from '../../server/lookup.ts';
import type { StripeObject } from '../../store/store.ts';
import { times } from '../catalog/decimal.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { answer, list, number, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { needDraft, refreshed } from './edit.ts';
import { costOf, makeItem, periodOf } from './items.ts';
import { addItem, pricingOf } from './lines.ts';

const COST = [
  'amount',
  'price',
  'price_data',
  'pricing',
  'quantity',
  'quantity_decimal',
  'unit_amount_decimal',
];

/** docs.stripe.com/api/invoiceitems */
export const invoiceItems: Resource = {
  routes: {
    'POST /v1/invoiceitems': create,
    'POST /v1/invoiceitems/{}': update,
    'DELETE /v1/invoiceitems/{}': remove,
  },
  filters: {
    'invoiceitem.pending': ({ invoice }, pending) => (invoice === null) === pending,
  },
};

function create({ realm, params }: Call): StripeObject {
  const customer = realm.get('customer', text(params, 'customer'));
  const there = customer ? onClock(realm, customer) : realm;
  const invoice = text(params, 'invoice');
  if (invoice === undefined) return answer(makeItem(there, params));
  const draft = needDraft(realm, realm.need('invoice', invoice, 'invoice').id);
  const owner = text(params, 'customer');
  if (owner !== undefined && owner !== idOf(draft.customer))
    throw badParameter(`The invoice ${invoice} belongs to another customer.`, { param: 'invoice' });
  const item = makeItem(onClock(realm, draft), params);
  addItem(realm, invoice, item);
  refreshed(realm, draft);
  return answer(realm.need('invoiceitem', item.id));
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('invoiceitem', id, 'invoiceitem');
  const invoice = idOf(before.invoice);
  const draft = invoice === null ? undefined : needDraft(realm, invoice);
  const after = realm.change('invoiceitem', id, changesOf(realm, before, params));
  if (!draft) return answer(after);
  const [line] = realm.where('line_item', 'invoiceitem', id);
  if (line) {
    const { amount, description, discountable, discounts, metadata, period, pricing, quantity } = after;
    const same = { amount, description, discountable, period, pricing, quantity } as never;
    realm.change(
      'line_item',
      line.id,
      { ...(same as object), discounts: discounts ?? [], metadata: metadata ?? {} },
      { rates: (after.tax_rates ?? []).map((rate) => rate.id) },
    );
  }
  refreshed(realm, draft);
  return answer(realm.need('invoiceitem', id));
}

function changesOf(realm: Realm, before: Stripe.InvoiceItem, params: Params): Partial<Stripe.InvoiceItem> {
  const owner = { customer: idOf(before.customer), invoice_item: before.id };
  const description = params['description'] as string | null | undefined;
  return {
    ...(COST.some((name) => params[name] !== undefined) && newCost(realm, before, params)),
    ...(description !== undefined && { description }),
    ...(params['discountable'] !== undefined && { discountable: params['discountable'] as boolean }),
    ...(params['discounts'] !== undefined && {
      discounts: redeemAll(realm, list(params, 'discounts'), owner, 'discounts'),
    }),
    ...(params['period'] !== undefined && { period: periodOf(params, realm.now) }),
    ...(params['tax_rates'] !== undefined && { tax_rates: taxRatesOf(realm, params, 'tax_rates') }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  };
}

/** Another quantity of the same price, or another price. */
function newCost(realm: Realm, before: Stripe.InvoiceItem, params: Params): Partial<Stripe.InvoiceItem> {
  const only = COST.filter((name) => params[name] !== undefined);
  const quantity = number(params, 'quantity');
  if (quantity !== undefined && only.length === 1) {
    const unit = String(before.pricing?.unit_amount_decimal ?? 0);
    return { amount: times(unit, quantity), quantity, quantity_decimal: String(quantity) as never };
  }
  const cost = costOf(realm, { quantity: before.quantity, ...params }, before.currency, '');
  return {
    amount: cost.amount,
    pricing: pricingOf(cost.price, cost.unit_amount_decimal) as never,
    quantity: cost.quantity,
    quantity_decimal: String(cost.quantity) as never,
  };
}

function remove({ realm, ids: [id = ''] }: Call): StripeObject {
  const item = realm.named('invoiceitem', id, 'invoiceitem');
  const invoice = realm.get('invoice', idOf(item.invoice));
  if (invoice && invoice.status !== 'draft')
    throw refused('You cannot delete an invoice item that is attached to a finalized invoice.', {
      code: 'invoice_not_editable',
    });
  for (const line of realm.where('line_item', 'invoiceitem', id)) realm.remove('line_item', line.id);
  const gone = deleteObject(realm, 'invoiceitem', id);
  if (invoice) refreshed(realm, invoice);
  return gone;
}
