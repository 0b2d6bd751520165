import type { OrderFilter } from './search-rows.ts';

/** Which part of an id tells what it is of. */
const PLACES = new Map<string, 'id' | 'payment_intent' | 'checkout_session' | 'charge'>([
  ['ord', 'id'],
  ['pi', 'payment_intent'],
  ['cs', 'checkout_session'],
  ['ch', 'charge'],
  ['py', 'charge'],
]);

// With a sign of money or without: 3.50, €3,50, 1200.
const AMOUNT = /^\p{Sc}?\s*(\d{1,8})(?:[.,](\d{1,3}))?\s*\p{Sc}?$/u;
const MINOR_DIGITS = [0, 2, 3];

/**
 * What somebody means who types this into one box: an id of ours or Stripe's, an amount in any currency, or
 * else the beginning of a buyer's address.
 */
export function meantBy(text: string): Partial<OrderFilter> {
  const typed = text.trim();
  const place = PLACES.get(typed.split('_')[0] ?? '');
  if (place && typed.includes('_')) return { [place]: typed };
  const [, whole, fraction = ''] = AMOUNT.exec(typed) ?? [];
  if (whole === undefined) return { email: typed };
  // 12 is 12 yen, 12 dollars or 12 dinars: 12, 1,200 or 12,000 minor units, each of its own currencies.
  const fitting = MINOR_DIGITS.filter((digits) => fraction.length <= digits);
  return {
    amounts: fitting.map((digits) => ({ value: Number(whole + fraction.padEnd(digits, '0')), digits })),
  };
}
