import { brandOf, luhnHolds } from '../payments/card-numbers.ts';

/** What is wrong with a field: Stripe.js's code and its words. */
export interface Complaint {
  code: string;
  message: string;
}

/** Digits of a whole number, by brand; all others have 16. */
const LENGTHS: Readonly<Record<string, number>> = { amex: 15, diners: 14 };
const YEARS_AHEAD_MAX = 50;

/** Groups a card number while it is typed: 4 4 4 4, and 4 6 5 for American Express. */
export function formatNumber(text: string): string {
  const digits = text.replace(/\D/g, '');
  const groups = brandOf(digits) === 'amex' ? [4, 6, 5] : [4, 4, 4, 4];
  const parts: string[] = [];
  let at = 0;
  for (const size of groups) {
    parts.push(digits.slice(at, at + size));
    at += size;
  }
  return parts.filter((part) => part !== '').join(' ');
}

/** `1234` becomes `12 / 34` while it is typed; a first digit above 1 can only be a month of its own. */
export function formatExpiry(text: string): string {
  const digits = text
    .replace(/\D/g, '')
    .replace(/^([2-9])/, '0$1')
    .slice(0, 4);
  const erasing = /^\d{2} \/?$/.test(text) && digits.length === 2;
  if (digits.length < 2 || erasing) return digits;
  return `${digits.slice(0, 2)} / ${digits.slice(2)}`;
}

export function formatDigits(text: string, most: number): string {
  return text.replace(/\D/g, '').slice(0, most);
}

export function checkNumber(text: string): Complaint | null {
  const digits = text.replace(/\D/g, '');
  if (digits.length < (LENGTHS[brandOf(digits)] ?? 16))
    return { code: 'incomplete_number', message: 'Your card number is incomplete.' };
  return luhnHolds(digits) ? null : { code: 'invalid_number', message: 'Your card number is invalid.' };
}

/** `today` decides what is past. */
export function checkExpiry(text: string, today: Date): Complaint | null {
  const parts = /^(\d{2}) \/ (\d{2})$/.exec(text);
  if (!parts) return { code: 'incomplete_expiry', message: "Your card's expiration date is incomplete." };
  const month = Number(parts[1]);
  const year = 2000 + Number(parts[2]);
  if (month < 1 || month > 12)
    return { code: 'invalid_expiry_month', message: "Your card's expiration month is invalid." };
  if (year < today.getFullYear())
    return { code: 'invalid_expiry_year_past', message: "Your card's expiration year is in the past." };
  if (year === today.getFullYear() && month < today.getMonth() + 1)
    return { code: 'invalid_expiry_month_past', message: "Your card's expiration date is in the past." };
  const far = year > today.getFullYear() + YEARS_AHEAD_MAX;
  return far ? { code: 'invalid_expiry_year', message: "Your card's expiration year is invalid." } : null;
}

export function checkCvc(text: string, number: string): Complaint | null {
  const wanted = brandOf(number.replace(/\D/g, '')) === 'amex' ? 4 : 3;
  if (text.length >= wanted) return null;
  return { code: 'incomplete_cvc', message: "Your card's security code is incomplete." };
}
