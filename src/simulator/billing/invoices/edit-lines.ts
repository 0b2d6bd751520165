import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { noSuch } from '../../server/errors.ts';
import { emptyList } from '../../server/list.ts';
import { deleteObject } from '../../server/lookup.ts';
import type { StripeObject } from '../../store/store.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { answer, list, number, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { needDraft, refreshed } from './edit.ts';
import { costOf, makeItem, periodOf } from './items.ts';
import { addItem, linesOf, pricingOf, type Line } from './lines.ts';

const LINES_PER_PAGE = 10;

/** POST /v1/invoices/{}/add_lines: pending items, or new ones, become lines of a draft. */
export function addLines({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const draft = needDraft(realm, id);
  const there = onClock(realm, draft);
  for (const [index, line] of list(params, 'lines').entries()) {
    const known = text(line, 'invoice_item');
    const item =
      known === undefined
        ? makeItem(there, { ...line, invoice: id }, `lines[${index}].`)
        : there.need('invoiceitem', known, `lines[${index}][invoice_item]`);
    addItem(there, id, item);
  }
  return answer(finished(realm, draft, params));
}

/** POST /v1/invoices/{}/update_lines */
export function updateLines({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const draft = needDraft(realm, id);
  for (const line of list(params, 'lines'))
    changeLine(realm, lineOf(realm, id, text(line, 'id') ?? ''), line);
  return answer(finished(realm, draft, params));
}

/** POST /v1/invoices/{}/lines/{} */
export function updateLine({ realm, params, ids: [id = '', line = ''] }: Call): StripeObject {
  const draft = needDraft(realm, id);
  changeLine(realm, lineOf(realm, id, line), params);
  refreshed(realm, draft);
  return answer(lineOf(realm, id, line));
}

/** POST /v1/invoices/{}/remove_lines: the items behind them are deleted, or pending again. */
export function removeLines({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const draft = needDraft(realm, id);
  for (const each of list(params, 'lines')) {
    const line = lineOf(realm, id, text(each, 'id') ?? '');
    const { invoiceitem = '' } = realm.hidden('line_item', line.id);
    realm.remove('line_item', line.id);
    if (!realm.get('invoiceitem', invoiceitem)) continue;
    if (each['behavior'] === 'unassign') realm.change('invoiceitem', invoiceitem, { invoice: null });
    else deleteObject(realm, 'invoiceitem', invoiceitem);
  }
  return answer(finished(realm, draft, params));
}

/** GET /v1/invoices/{}/lines */
export function listLines({ realm, params, ids: [id = ''], path }: Call): StripeObject {
  realm.named('invoice', id, 'invoice');
  const lines = linesOf(realm, id);
  const from = lines.findIndex((line) => line.id === params['starting_after']) + 1;
  const limit = number(params, 'limit') ?? LINES_PER_PAGE;
  const data = lines.slice(from, from + limit);
  return { ...emptyList(path), data, has_more: lines.length > from + limit };
}

function changeLine(realm: Realm, line: Line, params: Params): void {
  const owner = { invoice: line.invoice ?? '', customer: null };
  const priced = ['amount', 'pricing', 'price_data', 'quantity'].some((name) => params[name] !== undefined);
  const same =
    params['quantity'] !== undefined && params['amount'] === undefined ? { pricing: samePrice(line) } : {};
  const cost = priced ? costOf(realm, { ...same, ...params }, line.currency, '') : undefined;
  const changes = {
    ...(cost && {
      amount: cost.amount,
      pricing: pricingOf(cost.price, cost.unit_amount_decimal),
      quantity: cost.quantity,
      quantity_decimal: String(cost.quantity),
    }),
    ...(params['description'] !== undefined && { description: params['description'] }),
    ...(params['discountable'] !== undefined && { discountable: params['discountable'] }),
    ...(params['discounts'] !== undefined && {
      discounts: redeemAll(realm, list(params, 'discounts'), owner, 'discounts'),
    }),
    ...(params['period'] !== undefined && { period: periodOf(params, realm.now) }),
    metadata: mergeMetadata(line.metadata, params['metadata']),
  };
  const rates = taxRatesOf(realm, params, 'tax_rates').map((rate) => rate.id);
  realm.change('line_item', line.id, changes as unknown as Partial<Line>, {
    ...(params['tax_rates'] !== undefined && { rates }),
  });
}

function samePrice({ pricing }: Line): Params {
  return { price: idOf(pricing?.price_details?.price) };
}

function lineOf(realm: Realm, invoice: string, id: string): Line {
  const line = realm.get('line_item', id);
  if (line?.invoice !== invoice) throw noSuch('invoice line item', id, 'line_item_id', 404);
  return line;
}

function finished(realm: Realm, draft: Stripe.Invoice, params: Params): Stripe.Invoice {
  if (params['invoice_metadata'] !== undefined)
    realm.change('invoice', draft.id, {
      metadata: mergeMetadata(draft.metadata, params['invoice_metadata']),
    });
  return refreshed(realm, draft);
}
