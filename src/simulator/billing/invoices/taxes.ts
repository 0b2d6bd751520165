import type Stripe from 'stripe';
import { share } from '../catalog/decimal.ts';

/** Tax percentages have up to four places. */
const PERCENT_SCALE = 10_000;

export type Tax = Stripe.InvoiceLineItem.Tax;

/** The taxes on an amount of which inclusive ones are a part and to which exclusive ones are added. */
export function taxesOn(amount: number, rates: readonly Stripe.TaxRate[], exempt: boolean): Tax[] {
  const inside = rates.filter(({ inclusive }) => inclusive).reduce((sum, rate) => sum + scaled(rate), 0);
  const whole = 100 * PERCENT_SCALE;
  const net = share(amount, whole, whole + inside);
  return rates.map((rate) => {
    const part = rate.inclusive
      ? share(amount, scaled(rate), whole + inside)
      : share(net, scaled(rate), whole);
    return {
      amount: exempt ? 0 : part,
      tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: rate.id },
      taxability_reason: exempt ? 'customer_exempt' : 'not_available',
      taxable_amount: net,
      type: 'tax_rate_details',
    };
  });
}

/** Adds up taxes of the same rate. */
export function sumTaxes(taxes: readonly Tax[]): Tax[] {
  const sums = new Map<string, Tax>();
  for (const tax of taxes) {
    const key = tax.tax_rate_details?.tax_rate ?? '';
    const sum = sums.get(key);
    const taxable = (sum?.taxable_amount ?? 0) + (tax.taxable_amount ?? 0);
    sums.set(key, { ...tax, amount: (sum?.amount ?? 0) + tax.amount, taxable_amount: taxable });
  }
  return [...sums.values()];
}

/** What taxes of one behaviour come to. */
export function taxTotal(taxes: readonly Tax[], behavior?: 'inclusive' | 'exclusive'): number {
  return taxes
    .filter(({ tax_behavior }) => behavior === undefined || tax_behavior === behavior)
    .reduce((sum, { amount }) => sum + amount, 0);
}

function scaled({ percentage }: Stripe.TaxRate): number {
  return Math.round(percentage * PERCENT_SCALE);
}
