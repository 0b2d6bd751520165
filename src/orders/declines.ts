/** Why a payment was declined, for operators, and what helps. */
export interface Decline {
  /** Stripe's word: the decline code, or the error code where there is none. */
  code: string;
  text: string;
  advice: string;
}

const OTHER = 'The buyer has to use another card or another way to pay.';
const BANK = 'The buyer has to ask their bank, or use another card.';
const AGAIN = 'The buyer can try again; if that fails, another card.';
const TYPED = 'The buyer can try again and correct it.';
const NEVER = `Do not try this card again. ${OTHER}`;
const FRAUD = `To the buyer say no more than that their card was declined. ${NEVER}`;
const OURS = 'It is about the request, not the buyer: look at the event and at Stripe’s log.';

const UNTOLD = 'The bank declined and does not say why.';
const BARRED = 'The bank declined: this card may not be used for it.';

/**
 * Stripe's decline codes, and the error codes of payments that fail without one. Source:
 * docs.stripe.com/declines/codes, docs.stripe.com/error-codes
 */
const DECLINES: Record<string, readonly [text: string, advice: string]> = {
  // Money.
  insufficient_funds: ['There is not enough money on the account.', OTHER],
  card_velocity_exceeded: ['The card’s limit of amount or number of payments is reached.', BANK],
  withdrawal_count_limit_exceeded: ['The card’s credit limit is reached.', OTHER],
  invalid_amount: ['The bank does not allow this amount.', BANK],
  amount_too_large: ['The amount is more than this way to pay allows.', OTHER],
  amount_too_small: ['The amount is less than this way to pay allows.', OTHER],
  charge_exceeds_transaction_limit: ['The amount is above the limit for one payment.', OTHER],
  currency_not_supported: ['The card can not be used in this currency.', OTHER],
  // What was typed.
  expired_card: ['The card has expired.', OTHER],
  expired_payment_method: ['The way to pay has expired.', OTHER],
  incorrect_number: ['The card number is wrong.', TYPED],
  invalid_number: ['The card number is wrong.', TYPED],
  incorrect_cvc: ['The security code is wrong.', TYPED],
  invalid_cvc: ['The security code is wrong.', TYPED],
  invalid_expiry_month: ['The month of expiry is wrong.', TYPED],
  invalid_expiry_year: ['The year of expiry is wrong.', TYPED],
  incorrect_zip: ['The postal code is not the one the bank knows.', TYPED],
  incorrect_postal_code: ['The postal code is not the one the bank knows.', TYPED],
  incorrect_address: ['The address is not the one the bank knows.', TYPED],
  incorrect_pin: ['The PIN was wrong.', TYPED],
  invalid_pin: ['The PIN was wrong.', TYPED],
  pin_try_exceeded: ['The PIN was wrong too often.', OTHER],
  offline_pin_required: ['The card has to be inserted and its PIN entered.', TYPED],
  online_or_offline_pin_required: ['The card needs its PIN.', TYPED],
  // The buyer has to show who they are.
  authentication_required: ['The bank wants the buyer to confirm the payment (3-D Secure).', AGAIN],
  authentication_not_handled: ['The bank wanted a confirmation that was not asked for.', AGAIN],
  payment_intent_authentication_failure: [
    'The buyer did not confirm the payment, or their bank did not.',
    AGAIN,
  ],
  mobile_device_authentication_required: ['The buyer has to confirm on their phone.', AGAIN],
  approve_with_id: ['The bank could not approve the payment.', AGAIN],
  // The bank says no.
  generic_decline: [UNTOLD, BANK],
  card_declined: [UNTOLD, BANK],
  do_not_honor: [UNTOLD, BANK],
  call_issuer: [UNTOLD, BANK],
  no_action_taken: [UNTOLD, BANK],
  do_not_try_again: ['The bank declined and wants no further try.', NEVER],
  revocation_of_authorization: ['The buyer has told their bank to pay you no more.', NEVER],
  revocation_of_all_authorizations: ['The buyer has told their bank to make no more such payments.', NEVER],
  stop_payment_order: ['The buyer has told their bank to stop this payment.', NEVER],
  security_violation: [UNTOLD, BANK],
  service_not_allowed: [BARRED, BANK],
  transaction_not_allowed: [BARRED, BANK],
  not_permitted: [BARRED, BANK],
  card_not_supported: ['The card does not allow this kind of purchase.', BANK],
  restricted_card: ['The card is blocked, perhaps as lost or stolen.', FRAUD],
  pickup_card: ['The card is blocked, perhaps as lost or stolen.', FRAUD],
  lost_card: ['The card was reported as lost.', FRAUD],
  stolen_card: ['The card was reported as stolen.', FRAUD],
  fraudulent: ['The bank or Stripe takes this payment for fraud.', FRAUD],
  merchant_blacklist: ['The card is on your own block list at Stripe.', FRAUD],
  // Stripe Radar's reasons of blocking, from the charge.
  highest_risk_level: ['Stripe blocked it: the risk of fraud is highest.', FRAUD],
  elevated_risk_level: ['Stripe blocked it: the risk of fraud is high.', FRAUD],
  rule: ['One of your own rules at Stripe blocked it.', 'Look at the rule in Stripe’s Dashboard.'],
  // The account behind it.
  invalid_account: ['The card, or the account behind it, does not exist.', BANK],
  new_account_information_available: ['The card or its account has changed.', BANK],
  account_closed: ['The bank account was closed.', OTHER],
  no_account: ['There is no such bank account.', OTHER],
  bank_account_declined: ['The bank account can not be debited.', OTHER],
  bank_account_restricted: ['The bank account can not be debited.', OTHER],
  bank_account_unusable: ['The bank account can not be used.', OTHER],
  bank_account_unverified: ['The bank account is not verified yet.', OTHER],
  debit_not_authorized: [
    'The buyer says that they did not allow this debit.',
    'Ask the buyer; do not debit again.',
  ],
  refer_to_customer: ['The buyer stopped this debit at their bank.', 'Ask the buyer; do not debit again.'],
  payment_intent_mandate_invalid: ['The permission to debit the account is not valid (any more).', OTHER],
  payment_method_bank_account_blocked: ['The bank account is blocked for debits.', OTHER],
  // Others between.
  processing_error: ['Something failed while the card was processed.', AGAIN],
  issuer_not_available: ['The bank could not be reached.', AGAIN],
  try_again_later: ['The bank could not decide now.', AGAIN],
  reenter_transaction: ['The bank could not process it, and does not say why.', AGAIN],
  duplicate_transaction: [
    'The same card paid the same amount moments ago.',
    'Look whether the buyer paid already.',
  ],
  payment_method_customer_decline: ['The buyer declined at their bank or wallet.', AGAIN],
  payment_method_provider_decline: ['The wallet or bank declined and does not say why.', OTHER],
  payment_method_provider_timeout: ['The wallet or bank did not answer in time.', AGAIN],
  payment_method_not_available: ['The wallet or bank is out of order at present.', AGAIN],
  payment_method_restricted: ['This way to pay is restricted for the buyer.', OTHER],
  payment_method_unactivated: ['This way to pay is not switched on for you at Stripe.', OURS],
  payment_intent_payment_attempt_expired: ['The buyer did not finish in time.', AGAIN],
  payment_intent_payment_attempt_failed: ['The payment failed, and Stripe does not say why.', AGAIN],
  payment_intent_incompatible_payment_method: ['This way to pay does not fit the payment.', OURS],
  card_decline_rate_limit_exceeded: [
    'The card was declined too often in a short time.',
    'The buyer can try in a day.',
  ],
  capability_not_active: ['The account may not take this kind of payment (yet).', OURS],
  // Tests.
  test_mode_decline: ['A test card was used in live mode.', OTHER],
  testmode_decline: ['A test card was used in live mode.', OTHER],
  live_mode_test_card: ['A test card was used in live mode.', OTHER],
  testmode_charges_only: ['The account can take test payments only.', OURS],
};

const KNOWN = new Map(Object.entries(DECLINES));

/**
 * A decline in words. `codes` are Stripe's, the most telling first, null where there is none; `message` is
 * Stripe's own, for what is newer than this list.
 */
export function declineOf(codes: readonly (string | null | undefined)[], message: string | null): Decline {
  const given = codes.filter((code) => typeof code === 'string');
  const code = given.find((each) => KNOWN.has(each)) ?? given[0] ?? 'unknown';
  const [text, advice] = KNOWN.get(code) ?? [
    message ?? 'The payment failed, and Stripe does not say why.',
    AGAIN,
  ];
  return { code, text, advice };
}
