import { cardComplaint, digitsOf } from '../payments/card-details.ts';
import { brandOf } from '../payments/card-numbers.ts';
import { ibanHolds, normalIban } from '../payments/test-ibans.ts';

/** What was typed on a payment page, as it was typed. */
export interface Entry {
  /** The type of payment method that was chosen. */
  method: string;
  email: string;
  number: string;
  expiry: string;
  cvc: string;
  name: string;
  country: string;
  postal: string;
  iban: string;
}

export type EntryField = keyof Entry;

/** What is wrong, by field, in the words of Stripe's page. */
export type EntryErrors = Partial<Record<EntryField, string>>;

const FIELD_CHARS_MAX = 200;
const REQUIRED = 'Required';

/** Card numbers have 16 digits, but for American Express and the shorter Diners Club. */
const NUMBER_LENGTHS: Readonly<Record<string, number>> = { amex: 15, diners: 14 };

export function emptyEntry(): Entry {
  return {
    method: 'card',
    email: '',
    number: '',
    expiry: '',
    cvc: '',
    name: '',
    country: 'US',
    postal: '',
    iban: '',
  };
}

/** Reads a submitted form; fields that are not there are empty. */
export function readEntry(form: URLSearchParams): Entry {
  const entry = emptyEntry();
  for (const name of Object.keys(entry) as EntryField[]) {
    const value = form.get(name)?.trim().slice(0, FIELD_CHARS_MAX);
    if (value === undefined) continue;
    if (name !== 'method' || /^[a-z0-9_]+$/.test(value)) entry[name] = value;
  }
  // Stripe's own fields are called like this; code that fills them should work here too.
  entry.number ||= form.get('cardNumber') ?? '';
  entry.expiry ||= form.get('cardExpiry') ?? '';
  entry.cvc ||= form.get('cardCvc') ?? '';
  entry.name ||= form.get('billingName') ?? '';
  entry.postal ||= form.get('billingPostalCode') ?? '';
  return entry;
}

/** Finds what is missing or can't be right. `now` is in Unix seconds. */
export function checkEntry(entry: Entry, now: number): EntryErrors {
  const errors: EntryErrors = {};
  if (entry.email === '') errors.email = REQUIRED;
  else if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(entry.email)) errors.email = 'Your email is incomplete.';
  if (entry.name === '') errors.name = REQUIRED;
  if (entry.method === 'sepa_debit') {
    if (entry.iban === '') errors.iban = REQUIRED;
    else if (!ibanHolds(normalIban(entry.iban))) errors.iban = 'Your IBAN is invalid.';
    return errors;
  }
  // All others are asked for what they need on a page of their own.
  return entry.method === 'card' ? { ...errors, ...checkCard(entry, now) } : errors;
}

/** Month and year as typed: `12/34`, `12 / 34`, `1234` or `12 2034`. */
export function readExpiry(text: string): { month: number; year: number } | undefined {
  const parts = /^(\d{1,2})\s*[/ -]\s*(\d{4}|\d{2})$/.exec(text) ?? /^(\d{2})(\d{4}|\d{2})$/.exec(text);
  return parts ? { month: Number(parts[1]), year: Number(parts[2]) } : undefined;
}

function checkCard(entry: Entry, now: number): EntryErrors {
  const errors: EntryErrors = {};
  const number = digitsOf(entry.number);
  const brand = brandOf(number);
  const expiry = readExpiry(entry.expiry);
  if (number === '') errors.number = REQUIRED;
  else if (number.length < (NUMBER_LENGTHS[brand] ?? 16)) errors.number = 'Your card number is incomplete.';
  if (entry.expiry === '') errors.expiry = REQUIRED;
  else if (!expiry) errors.expiry = "Your card's expiration date is incomplete.";
  if (entry.cvc === '') errors.cvc = REQUIRED;
  else if (!/^\d{3,4}$/.test(entry.cvc) || (brand === 'amex' && entry.cvc.length < 4))
    errors.cvc = "Your card's security code is incomplete.";
  if (Object.keys(errors).length > 0 || !expiry) return errors;
  const card = { number, exp_month: expiry.month, exp_year: expiry.year, cvc: entry.cvc };
  const complaint = cardComplaint(card, now);
  if (complaint?.code === 'incorrect_number') return { number: 'Your card number is invalid.' };
  if (complaint?.code.startsWith('invalid_expiry')) return { expiry: expiryMessage(expiry, now) };
  return complaint ? { cvc: complaint.message } : {};
}

function expiryMessage({ month, year }: { month: number; year: number }, now: number): string {
  if (month < 1 || month > 12) return "Your card's expiration date is invalid.";
  const full = year < 100 ? 2000 + year : year;
  const past = full < new Date(now * 1000).getUTCFullYear() + 1;
  return past ? "Your card's expiration date is in the past." : "Your card's expiration year is invalid.";
}
