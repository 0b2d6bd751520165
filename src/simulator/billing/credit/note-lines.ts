import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter, noSuch } from '../../server/errors.ts';
import { share, times } from '../catalog/decimal.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { linesOf } from '../invoices/lines.ts';
import { taxTotal, taxesOn, type Tax } from '../invoices/taxes.ts';
import { list, number, text } from '../params.ts';

export type NoteLine = Stripe.CreditNoteLineItem;

/** Reads the lines of a credit note; without any, an amount of the invoice as a whole. */
export function readNoteLines(realm: Realm, invoice: Stripe.Invoice, params: Params): NoteLine[] {
  const lines = list(params, 'lines');
  if (lines.length > 0) return lines.map((line, index) => readLine(realm, invoice, line, `lines[${index}]`));
  const amount = number(params, 'amount') ?? sumOfUses(params);
  if (amount === undefined) throw missingParameter('amount');
  return [noteLine(realm, { amount, description: null, quantity: 1, unit: null, taxes: [] })];
}

function sumOfUses(params: Params): number | undefined {
  const uses = ['refund_amount', 'credit_amount', 'out_of_band_amount'].map((name) => number(params, name));
  const given = uses.filter((amount) => amount !== undefined);
  return given.length === 0 ? undefined : given.reduce((sum, amount) => sum + amount, 0);
}

function readLine(realm: Realm, invoice: Stripe.Invoice, params: Params, path: string): NoteLine {
  if (params['type'] === 'invoice_line_item') return ofInvoiceLine(realm, invoice, params, path);
  const unit = text(params, 'unit_amount_decimal') ?? number(params, 'unit_amount');
  if (unit === undefined) throw missingParameter(`${path}[unit_amount]`);
  const quantity = number(params, 'quantity') ?? 1;
  const amount = times(String(unit), quantity);
  const rates = taxRatesOf(realm, params, 'tax_rates', `${path}[tax_rates]`);
  const taxes = taxesOn(amount, rates, invoice.customer_tax_exempt === 'exempt');
  return noteLine(realm, {
    amount,
    description: text(params, 'description') ?? null,
    quantity,
    unit: String(unit),
    taxes,
  });
}

/** A part of one of the invoice's lines, with the same part of what was taken off it and of its taxes. */
function ofInvoiceLine(realm: Realm, invoice: Stripe.Invoice, params: Params, path: string): NoteLine {
  const id = text(params, 'invoice_line_item') ?? '';
  const line = linesOf(realm, invoice.id).find((each) => each.id === id);
  if (!line) throw noSuch('invoice line item', id, `${path}[invoice_line_item]`, 400);
  const quantity = number(params, 'quantity');
  const whole = line.amount;
  const amount = number(params, 'amount') ?? share(whole, quantity ?? line.quantity ?? 1, line.quantity ?? 1);
  if (Math.abs(amount) > Math.abs(whole))
    throw badParameter('The amount of a credit note line cannot exceed that of its invoice line.', {
      param: `${path}[amount]`,
    });
  const off = (line.discount_amounts ?? []).map((each) => ({
    amount: share(each.amount, amount, whole),
    discount: each.discount,
  }));
  const taxes = (line.taxes ?? []).map((tax) => ({
    ...tax,
    amount: share(tax.amount, amount, whole),
    taxable_amount: share(tax.taxable_amount ?? 0, amount, whole),
  }));
  const fields = { amount, description: line.description, quantity: quantity ?? null, unit: null, taxes };
  return { ...noteLine(realm, fields, off), invoice_line_item: id, type: 'invoice_line_item' };
}

interface Fields {
  amount: number;
  description: string | null;
  quantity: number | null;
  unit: string | null;
  taxes: Tax[];
}

function noteLine(realm: Realm, fields: Fields, off: { amount: number; discount: unknown }[] = []): NoteLine {
  const { amount, description, quantity, unit, taxes } = fields;
  const whole = unit !== null && Number.isInteger(Number(unit)) ? Number(unit) : null;
  return {
    id: realm.newId('credit_note_line_item'),
    object: 'credit_note_line_item',
    amount,
    description,
    discount_amount: off.reduce((sum, each) => sum + each.amount, 0),
    discount_amounts: off,
    livemode: realm.livemode,
    metadata: {},
    pretax_credit_amounts: off.map((each) => ({ ...each, type: 'discount' })),
    quantity,
    tax_rates: [],
    taxes,
    type: 'custom_line_item',
    unit_amount: whole,
    unit_amount_decimal: unit,
  } as unknown as NoteLine;
}

/** What the lines come to: before discounts and taxes, and in all. */
export function sumsOf(lines: readonly NoteLine[]) {
  const gross = lines.reduce((sum, { amount }) => sum + amount, 0);
  const off = lines.reduce((sum, { discount_amount }) => sum + discount_amount, 0);
  const taxes = lines.flatMap((line) => (line.taxes ?? []) as Tax[]);
  const inside = taxTotal(taxes, 'inclusive');
  const total = gross - off + taxTotal(taxes, 'exclusive');
  return {
    discount_amount: off,
    discount_amounts: lines.flatMap((line) => line.discount_amounts),
    pretax_credit_amounts: lines.flatMap((line) => line.pretax_credit_amounts),
    subtotal: gross,
    subtotal_excluding_tax: gross - inside,
    total,
    total_excluding_tax: total - taxTotal(taxes),
    total_taxes: taxes,
  };
}
