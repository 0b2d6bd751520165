/** An amount in the currency's smallest unit, as Stripe counts it. `currency` is ISO 4217 in lower case. */
export interface Money {
  /** Integer number of minor units: 350 is 3.50 in usd and 350 in jpy. */
  value: number;
  currency: string;
}

// Source: docs.stripe.com/currencies. UGX and ISK have no minor unit, yet Stripe counts them in hundredths.
export const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
export const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

/** How many decimal digits Stripe's amounts of this currency have: 0, 2 or 3. */
export function minorDigits(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** The amount as a person reads it, for example `$3.50`. */
export function formatMoney({ value, currency }: Money, locale = 'en-US'): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value / 10 ** digits);
}

/** True when both amount and currency agree; a difference in either is a different price. */
export function sameMoney(a: Money, b: Money): boolean {
  return a.value === b.value && a.currency === b.currency;
}
