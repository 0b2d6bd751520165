import { formatMoney } from '../../money.ts';
import { badParameter } from '../server/errors.ts';

const AMOUNT_MAX = 99_999_999;

/**
 * docs.stripe.com/currencies, "Minimum and maximum charge amounts"; other currencies have no published
 * minimum.
 */
const AMOUNT_MIN: Record<string, number> = {
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  nok: 300,
  nzd: 50,
  pln: 200,
  sek: 300,
  sgd: 50,
  usd: 50,
};

const TOO_LITTLE =
  'The amount must be greater than or equal to the minimum charge amount allowed for your account and ' +
  'the currency ' +
  'set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a ' +
  'Payment Method ' +
  'for future use without an immediate payment, use a Setup Intent instead: ' +
  'https://docs.stripe.com/payments/setup-intents';

/** The currency in lower case, or Stripe's refusal. */
export function checkCurrency(currency: string, param = 'currency'): string {
  const code = currency.toLowerCase();
  if (/^[a-z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code.toUpperCase())) return code;
  throw badParameter(`Invalid currency: ${currency.slice(0, 20)}. Stripe does not support this currency.`, {
    param,
  });
}

/** The least that Stripe would charge in this currency. */
export function leastAmount(currency: string): number {
  return AMOUNT_MIN[currency] ?? 1;
}

/** Refuses an amount that Stripe would not charge. */
export function checkAmount(amount: number, currency: string, param = 'amount'): void {
  if (amount < 1) throw badParameter(TOO_LITTLE, { code: 'parameter_invalid_integer', param });
  const least = leastAmount(currency);
  if (amount < least)
    throw badParameter(`Amount must be at least ${said(least, currency)}`, {
      code: 'amount_too_small',
      param,
    });
  if (amount > AMOUNT_MAX)
    throw badParameter(`Amount must be no more than ${said(AMOUNT_MAX, currency)}`, {
      code: 'amount_too_large',
      param,
    });
}

/** The amount as Stripe's messages have it: `$0.50 usd`. */
export function said(value: number, currency: string): string {
  return `${formatMoney({ value, currency })} ${currency}`;
}
