import type { Realm } from '../../realm.ts';
import { percentOf, share } from '../catalog/decimal.ts';
import type { Terms } from '../kinds.ts';

/** An amount from which discounts may take something. */
export interface Slice {
  amount: number;
  product: string | null;
  discountable: boolean;
}

/** What one discount takes from each of the slices. */
export interface Taken {
  discount: string;
  amounts: number[];
}

/** What these discounts take, one after the other, each from what the ones before it left. */
export function takeDiscounts(
  realm: Realm,
  slices: readonly Slice[],
  discounts: readonly string[],
  currency: string,
): Taken[] {
  const left = slices.map(({ amount }) => amount);
  return discounts.map((discount) => {
    const { terms } = realm.hidden('discount', discount);
    const weights = slices.map((slice, index) =>
      terms && reaches(terms, slice) ? Math.max(0, left[index] ?? 0) : 0,
    );
    const base = weights.reduce((sum, weight) => sum + weight, 0);
    const amounts = spread(terms ? worth(terms, base, currency) : 0, weights);
    for (const [index, amount] of amounts.entries()) left[index] = (left[index] ?? 0) - amount;
    return { discount, amounts };
  });
}

/** What a coupon of these terms takes from an amount. */
export function worth(terms: Terms, base: number, currency: string): number {
  if (terms.percent_off !== null) return percentOf(base, terms.percent_off);
  const off = terms.currency === currency ? terms.amount_off : terms.currency_options[currency]?.amount_off;
  return Math.min(base, off ?? 0);
}

/** Splits `total` by weight into whole parts that add up to it. */
function spread(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let seen = 0;
  let given = 0;
  return weights.map((weight) => {
    seen += weight;
    const upTo = sum === 0 ? 0 : share(total, seen, sum);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}

function reaches({ products }: Terms, { discountable, product }: Slice): boolean {
  return discountable && (products.length === 0 || (product !== null && products.includes(product)));
}
