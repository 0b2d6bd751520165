import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';

/** A tax as objects list it since `taxes` and `total_taxes`; everything else in it is as it was. */
export type Tax = Pick<
  Stripe.Invoice.TotalTax,
  'amount' | 'tax_behavior' | 'tax_rate_details' | 'taxability_reason' | 'taxable_amount'
>;

/** Taxes as objects listed them under `tax_amounts` and `total_tax_amounts`. */
export function taxAmounts(taxes: readonly Tax[] | null | undefined): object[] {
  return (taxes ?? []).map(
    ({ amount, tax_behavior, tax_rate_details, taxability_reason, taxable_amount }) => ({
      amount,
      inclusive: tax_behavior === 'inclusive',
      tax_rate: tax_rate_details?.tax_rate ?? null,
      taxability_reason,
      taxable_amount,
    }),
  );
}

/** The one discount that there could be, as an object. */
export function firstDiscount(
  realm: Realm,
  { discounts }: { discounts?: readonly (string | { id: string })[] | null },
): unknown {
  const [first] = discounts ?? [];
  return typeof first === 'object' ? first : (realm.get('discount', idOf(first)) ?? null);
}
