import type Stripe from 'stripe';
import { leastAmount } from '../../payments/amounts.ts';
import type { Realm } from '../../realm.ts';
import { takeDiscounts, type Slice, type Taken } from '../discounts/calculate.ts';
import { linesOf, type Line } from './lines.ts';
import { sumTaxes, taxesOn, taxTotal, type Tax } from './taxes.ts';

/** How many lines an invoice shows of itself; the rest has to be listed. */
const LINES_SHOWN = 10;

/** What an invoice comes to. */
type Sums = Pick<
  Stripe.Invoice,
  | 'subtotal'
  | 'subtotal_excluding_tax'
  | 'total'
  | 'total_discount_amounts'
  | 'total_excluding_tax'
  | 'total_pretax_credit_amounts'
  | 'total_taxes'
>;

/** A line with what was taken off it, by discounts of its own and by those of the whole invoice. */
interface Worked {
  line: Line;
  own: { discount: string; amount: number }[];
  all: { discount: string; amount: number }[];
  taxes: Tax[];
}

/** Works out an invoice anew from its lines: discounts, taxes, totals and what is due. */
export function recompute(realm: Realm, id: string): Stripe.Invoice {
  const invoice = realm.need('invoice', id);
  const worked = work(realm, invoice, linesOf(realm, id));
  for (const each of worked) storeLine(realm, each);
  const sums = sumUp(invoice, worked);
  return realm.change('invoice', id, {
    ...sums,
    ...dues(invoice, sums.total),
    lines: shownLines(realm, id),
  });
}

/** What is left to pay of a total: the balance counts, and very small sums are carried over. */
export function settleBalance(
  total: number,
  balance: number,
  currency: string,
): { due: number; ending: number } {
  const due = total + balance;
  if (due <= 0 || due < leastAmount(currency)) return { due: 0, ending: due };
  return { due, ending: 0 };
}

/** The list of lines that stands in the invoice itself. */
function shownLines(realm: Realm, id: string): Stripe.Invoice['lines'] {
  const lines = linesOf(realm, id);
  return {
    object: 'list',
    data: lines.slice(0, LINES_SHOWN),
    has_more: lines.length > LINES_SHOWN,
    total_count: lines.length,
    url: `/v1/invoices/${id}/lines`,
  } as Stripe.Invoice['lines'];
}

function work(realm: Realm, invoice: Stripe.Invoice, lines: readonly Line[]): Worked[] {
  const own = lines.map((line) => {
    const taken = takeDiscounts(realm, [sliceOf(line)], line.discounts as string[], line.currency);
    return taken.map(({ discount, amounts }) => ({ discount, amount: amounts[0] ?? 0 }));
  });
  const slices = lines.map((line, index) => ({
    ...sliceOf(line),
    amount: line.amount - sumOf(own[index] ?? []),
  }));
  const over = takeDiscounts(realm, slices, invoice.discounts as string[], invoice.currency);
  const exempt = invoice.customer_tax_exempt === 'exempt';
  return lines.map((line, index) => {
    const ownTaken = own[index] ?? [];
    const all = [...ownTaken, ...partOf(over, index)].filter(({ amount }) => amount !== 0);
    const rates = ratesOf(realm, invoice, line);
    return { line, own: ownTaken, all, taxes: taxesOn(line.amount - sumOf(all), rates, exempt) };
  });
}

function sliceOf({ amount, discountable, pricing }: Line): Slice {
  return { amount, discountable, product: pricing?.price_details?.product ?? null };
}

function partOf(taken: readonly Taken[], index: number): { discount: string; amount: number }[] {
  return taken.map(({ discount, amounts }) => ({ discount, amount: amounts[index] ?? 0 }));
}

/** The line's own tax rates or, where it has none, the invoice's. */
function ratesOf(realm: Realm, invoice: Stripe.Invoice, line: Line): Stripe.TaxRate[] {
  const own = realm.hidden('line_item', line.id).rates ?? [];
  return own.length > 0 ? own.map((id) => realm.need('tax_rate', id)) : invoice.default_tax_rates;
}

function storeLine(realm: Realm, { line, all, taxes }: Worked): void {
  realm.change('line_item', line.id, {
    discount_amounts: all,
    pretax_credit_amounts: all.map(credit),
    subtotal: line.amount,
    taxes,
  });
}

function sumUp({ shipping_cost: shipping }: Stripe.Invoice, worked: readonly Worked[]): Sums {
  const before = worked.reduce((sum, { line, own }) => sum + line.amount - sumOf(own), 0);
  const after = worked.reduce((sum, { line, all }) => sum + line.amount - sumOf(all), 0);
  const taxes = worked.flatMap((each) => each.taxes);
  const total = after + taxTotal(taxes, 'exclusive') + (shipping?.amount_total ?? 0);
  const discounts = new Map<string, number>();
  for (const { discount, amount } of worked.flatMap(({ all }) => all))
    discounts.set(discount, (discounts.get(discount) ?? 0) + amount);
  const amounts = [...discounts].map(([discount, amount]) => ({ amount, discount }));
  return {
    subtotal: before,
    subtotal_excluding_tax: before - taxTotal(taxes, 'inclusive'),
    total,
    total_discount_amounts: amounts,
    total_excluding_tax: total - taxTotal(taxes),
    total_pretax_credit_amounts: amounts.map(credit),
    total_taxes: sumTaxes(taxes),
  };
}

function dues(invoice: Stripe.Invoice, total: number): Partial<Stripe.Invoice> {
  const due = dueOf(invoice, total);
  return {
    amount_due: due,
    amount_remaining: due - invoice.amount_paid,
    amount_shipping: invoice.shipping_cost?.amount_total ?? 0,
  };
}

function dueOf(invoice: Stripe.Invoice, total: number): number {
  const { starting_balance, ending_balance, currency, pre_payment_credit_notes_amount: credited } = invoice;
  if (ending_balance === null) return settleBalance(total, starting_balance, currency).due;
  return Math.max(0, total + starting_balance - ending_balance - credited);
}

function credit({ amount, discount }: { amount: number; discount: string }) {
  return { amount, discount, type: 'discount' as const };
}

function sumOf(taken: readonly { amount: number }[]): number {
  return taken.reduce((sum, { amount }) => sum + amount, 0);
}
