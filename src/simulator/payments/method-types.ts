import type { Params } from '../contract/validate.ts';
import { badParameter } from '../server/errors.ts';

/** What the simulated Dashboard has enabled: cards and Link everywhere, SEPA debits in euro. */
const EVERYWHERE = ['card', 'link'];
const IN_EURO = ['sepa_debit'];

/** Methods that lead the buyer to another page, so that a way back is needed. */
const REDIRECTS = new Set([
  'alipay',
  'amazon_pay',
  'afterpay_clearpay',
  'bancontact',
  'billie',
  'blik',
  'cashapp',
  'eps',
  'fpx',
  'giropay',
  'grabpay',
  'ideal',
  'kakao_pay',
  'klarna',
  'mobilepay',
  'naver_pay',
  'p24',
  'paypal',
  'pay_by_bank',
  'payco',
  'revolut_pay',
  'samsung_pay',
  'satispay',
  'sofort',
  'swish',
  'twint',
  'wechat_pay',
]);

/** What each method's options are where nothing was said, as recorded answers show them. */
const PAYMENT_OPTIONS: Readonly<Record<string, object>> = {
  acss_debit: {
    mandate_options: { interval_description: null, payment_schedule: null, transaction_type: null },
    verification_method: 'automatic',
  },
  afterpay_clearpay: { reference: null },
  card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
  klarna: { preferred_locale: null },
  link: { persistent_token: null },
  us_bank_account: { mandate_options: {}, verification_method: 'automatic' },
  wechat_pay: { app_id: null, client: null },
};
const SETUP_OPTIONS: Readonly<Record<string, object>> = {
  card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
  us_bank_account: { mandate_options: {}, verification_method: 'automatic' },
};

export const METHOD_CONFIGURATION = 'pmc_1QuittanceSimulatorDef';

/** The payment methods that Stripe would offer for these parameters. */
export function methodTypes(params: Params, currency: string | null): string[] {
  const legacy = params['payment_method_types'] as string[] | undefined;
  if (legacy) return legacy;
  const allowed = params['allowed_payment_method_types'] as string[] | undefined;
  const excluded = (params['excluded_payment_method_types'] ?? []) as string[];
  const enabled = [...EVERYWHERE, ...(currency === null || currency === 'eur' ? IN_EURO : [])];
  const chosen = (allowed ?? enabled).filter((type) => !excluded.includes(type));
  if (chosen.length > 0) return chosen;
  throw badParameter(
    'No valid payment method types for this Payment Intent. Please ensure that you have activated ' +
      'payment methods ' +
      'compatible with your chosen currency in your dashboard ' +
      '(https://dashboard.stripe.com/settings/payment_methods).',
  );
}

/** Refuses a confirmation by the server that could lead the buyer away without a way back. */
export function checkWayBack(types: string[], params: Params, allowRedirects: string | undefined): void {
  const safe =
    allowRedirects === 'never' || params['return_url'] !== undefined || params['off_session'] === true;
  if (safe || !types.some((type) => REDIRECTS.has(type))) return;
  throw badParameter(
    'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because ' +
      'some of these ' +
      'payment methods might redirect your customer off of your page, you must provide a `return_url`. ' +
      "If you don't " +
      'want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to ' +
      '`true` and ' +
      '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment ' +
      'Intents.',
    { param: 'return_url' },
  );
}

/** What Stripe fills into a payment's `payment_method_options` for these types, under what was said. */
export function methodOptions(types: string[], given: Params | null | undefined): Record<string, unknown> {
  return Object.fromEntries(
    types.map(
      (type) => [type, { ...PAYMENT_OPTIONS[type], ...(given?.[type] as Params | undefined) }] as const,
    ),
  );
}

/** The same for a setup intent, which shows only methods that have something to choose. */
export function setupOptions(types: string[], given: Params | null | undefined): Record<string, unknown> {
  const shown = types.filter((type) => type in SETUP_OPTIONS || given?.[type] !== undefined);
  return Object.fromEntries(
    shown.map(
      (type) => [type, { ...SETUP_OPTIONS[type], ...(given?.[type] as Params | undefined) }] as const,
    ),
  );
}
