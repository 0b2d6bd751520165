import type { ConfirmData, Intents } from './intents.ts';

/**
 * `confirm<Name>Payment` and `confirm<Name>Setup`, by the type of payment method that they pay with.
 * docs.stripe.com/js/payment_intents lists the first, …/setup_intents the second.
 */
const PAYMENTS: Readonly<Record<string, string>> = {
  AcssDebit: 'acss_debit',
  Affirm: 'affirm',
  AfterpayClearpay: 'afterpay_clearpay',
  Alipay: 'alipay',
  AuBecsDebit: 'au_becs_debit',
  Bancontact: 'bancontact',
  Billie: 'billie',
  Blik: 'blik',
  Boleto: 'boleto',
  Card: 'card',
  Cashapp: 'cashapp',
  CustomerBalance: 'customer_balance',
  Eps: 'eps',
  Fpx: 'fpx',
  Giropay: 'giropay',
  GrabPay: 'grabpay',
  Ideal: 'ideal',
  Klarna: 'klarna',
  Konbini: 'konbini',
  Mobilepay: 'mobilepay',
  Multibanco: 'multibanco',
  Oxxo: 'oxxo',
  P24: 'p24',
  PayByBank: 'pay_by_bank',
  PayNow: 'paynow',
  PayPal: 'paypal',
  Pix: 'pix',
  PromptPay: 'promptpay',
  SepaDebit: 'sepa_debit',
  Sofort: 'sofort',
  Twint: 'twint',
  UsBankAccount: 'us_bank_account',
  WechatPay: 'wechat_pay',
};
const SETUPS: Readonly<Record<string, string>> = {
  AcssDebit: 'acss_debit',
  AmazonPay: 'amazon_pay',
  AuBecsDebit: 'au_becs_debit',
  BacsDebit: 'bacs_debit',
  Bancontact: 'bancontact',
  Blik: 'blik',
  Card: 'card',
  Cashapp: 'cashapp',
  Ideal: 'ideal',
  PayPal: 'paypal',
  SepaDebit: 'sepa_debit',
  Sofort: 'sofort',
  UsBankAccount: 'us_bank_account',
};

type Confirm = (
  secret: string,
  data?: ConfirmData,
  options?: { handleActions?: boolean },
) => Promise<unknown>;

/** All of them, by the names under which a page calls them. */
export function confirmMethods(intents: Intents): Record<string, Confirm> {
  const confirm =
    (type: string): Confirm =>
    (secret, data = {}, { handleActions = true } = {}) =>
      intents.confirmWith(secret, type, withMethod(type, data), handleActions);
  const methods: Record<string, Confirm> = {};
  for (const [name, type] of Object.entries(PAYMENTS)) methods[`confirm${name}Payment`] = confirm(type);
  for (const [name, type] of Object.entries(SETUPS)) methods[`confirm${name}Setup`] = confirm(type);
  return methods;
}

/** Methods without details need not be described: `confirmIdealPayment(secret, { return_url })` is enough. */
function withMethod(type: string, data: ConfirmData): ConfirmData {
  const detailed = type === 'card' || type.endsWith('_debit') || type === 'us_bank_account';
  return detailed ? data : { payment_method: {}, ...data };
}
