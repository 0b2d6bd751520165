import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { StripeError } from '../server/errors.ts';
import { brandOf, luhnHolds } from './card-numbers.ts';
import { cardByNumber, type TestCard } from './test-cards.ts';

/** A card as it is typed. */
export interface CardEntry {
  number?: string;
  exp_month?: number;
  exp_year?: number;
  cvc?: string;
}

const FINGERPRINT_CHARS = 16;

/** Two-digit years are this century's. */
const CENTURY = 2000;

/** What Stripe complains about in a typed card, in its words; undefined when all of it could be a card's. */
export function cardComplaint(entry: CardEntry, now: number): { code: string; message: string } | undefined {
  const number = digitsOf(entry.number ?? '');
  const date = new Date(now * 1000);
  const year = fullYear(entry.exp_year ?? 0);
  const month = entry.exp_month ?? 0;
  if (!luhnHolds(number)) return { code: 'incorrect_number', message: 'Your card number is incorrect.' };
  if (month < 1 || month > 12)
    return { code: 'invalid_expiry_month', message: "Your card's expiration month is invalid." };
  const past = year < date.getUTCFullYear();
  if (past || year > date.getUTCFullYear() + 50)
    return { code: 'invalid_expiry_year', message: "Your card's expiration year is invalid." };
  if (year === date.getUTCFullYear() && month < date.getUTCMonth() + 1)
    return { code: 'invalid_expiry_month', message: "Your card's expiration month is invalid." };
  const length = brandOf(number) === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/;
  if (entry.cvc !== undefined && !length.test(entry.cvc))
    return { code: 'invalid_cvc', message: "Your card's security code is invalid." };
  return undefined;
}

/** Checks a typed card and finds the test card that it is. Throws Stripe's 402 for what can't be a card's. */
export function readCard(realm: Realm, entry: CardEntry): TestCard {
  const complaint = cardComplaint(entry, realm.now);
  if (complaint) throw cardError(complaint.code, complaint.message);
  return cardByNumber(digitsOf(entry.number ?? ''));
}

/** A card as POST /v1/tokens takes it: month and year are text there, and the year may have two digits. */
export function tokenEntry(given: Readonly<Record<string, unknown>>): CardEntry {
  const { exp_month, exp_year, ...entry } = given;
  return { ...entry, exp_month: Number(exp_month), exp_year: fullYear(Number(exp_year)) };
}

/** The `card` part of a PaymentMethod. */
export function cardDetails(realm: Realm, card: TestCard, entry: CardEntry): Stripe.PaymentMethod.Card {
  const date = new Date(realm.now * 1000);
  return {
    brand: card.brand,
    checks: {
      address_line1_check: null,
      address_postal_code_check: null,
      cvc_check: entry.cvc === undefined ? null : 'unchecked',
    },
    country: card.country ?? 'US',
    display_brand: card.brand,
    exp_month: entry.exp_month ?? date.getUTCMonth() + 1,
    exp_year: entry.exp_year === undefined ? date.getUTCFullYear() + 1 : fullYear(entry.exp_year),
    fingerprint: fingerprintOf(card.number),
    funding: card.funding ?? 'credit',
    generated_from: null,
    last4: card.number.slice(-4),
    networks: { available: [card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: card.brand !== 'unionpay' },
    wallet: null,
  };
}

/** The same for the same number in every account of this simulator, as Stripe's is per account. */
export function fingerprintOf(number: string): string {
  const hash = createHash('sha256').update(`fingerprint ${number}`).digest('base64');
  return hash.replace(/[^A-Za-z0-9]/g, '').slice(0, FINGERPRINT_CHARS);
}

export function digitsOf(number: string): string {
  return number.replace(/[\s-]/g, '');
}

/** Stripe's 402 about the card itself, before any payment was tried. */
function cardError(code: string, message: string, param?: string): StripeError {
  return new StripeError(message, { status: 402, type: 'card_error', code, param });
}

function fullYear(year: number): number {
  return year < 100 ? CENTURY + year : year;
}
