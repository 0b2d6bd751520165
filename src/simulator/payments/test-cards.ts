import type { Restriction } from '../connect/restrict.ts';
import { brandOf } from './card-numbers.ts';

/** Why a card is refused; `code` and `decline_code` are Stripe's, the message is what the buyer reads. */
export interface Decline {
  code: string;
  decline_code?: string;
  message: string;
  /** What to do about it: see docs.stripe.com/declines/codes. */
  advice_code?: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later';
}

/** One of Stripe's test cards and what happens when it is used. See docs.stripe.com/testing. */
export interface TestCard {
  number: string;
  /** What follows `pm_card_` in its ready-made PaymentMethod, and `tok_` in its token. */
  name: string;
  brand: string;
  country?: string;
  funding?: 'credit' | 'debit' | 'prepaid';
  /** Refused whenever it is charged; unless `attaches`, also when it is to be saved. */
  decline?: Decline;
  attaches?: boolean;
  /**
   * When the buyer has to authenticate: for every payment, for payments with the buyer present only (the
   * card counts as set up already), or also later unless it was set up before.
   */
  authentication?: 'always' | 'on_session' | 'unless_set_up';
  /** Refused although the buyer authenticated. */
  declineAfter?: Decline;
  dispute?: 'fraudulent' | 'product_not_received' | 'inquiry';
  fraudWarning?: boolean;
  refund?: 'pending' | 'fails';
  availableAtOnce?: boolean;
  risk?: 'elevated' | 'highest';
  /** What Stripe then demands of the connected account that was paid. */
  restricts?: Restriction;
}

function declined(
  decline_code: string,
  message = 'Your card was declined.',
  advice?: Decline['advice_code'],
): Decline {
  return { code: 'card_declined', decline_code, message, ...(advice && { advice_code: advice }) };
}

export const DECLINES = {
  generic: declined('generic_decline', undefined, 'try_again_later'),
  insufficient: declined('insufficient_funds', 'Your card has insufficient funds.', 'try_again_later'),
  lost: declined('lost_card', undefined, 'do_not_try_again'),
  stolen: declined('stolen_card', undefined, 'do_not_try_again'),
  velocity: declined(
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    'try_again_later',
  ),
  fraudulent: declined('fraudulent', undefined, 'do_not_try_again'),
  expired: {
    code: 'expired_card',
    decline_code: 'expired_card',
    message: 'Your card has expired.',
    advice_code: 'do_not_try_again',
  },
  cvc: {
    code: 'incorrect_cvc',
    decline_code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
    advice_code: 'confirm_card_data',
  },
  processing: {
    code: 'processing_error',
    decline_code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    advice_code: 'try_again_later',
  },
  authentication: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  liveCard: declined(
    'test_mode_live_card',
    'Your card was declined. Your request was in test mode, but used a non test (live) card. For a ' +
      'list of valid test ' +
      'cards, visit: https://stripe.com/docs/testing.',
  ),
} satisfies Record<string, Decline>;

const D = DECLINES;

/** Cards that simply work, by brand. */
const GOOD: readonly TestCard[] = [
  { number: '4242424242424242', name: 'visa', brand: 'visa' },
  { number: '4000056655665556', name: 'visa_debit', brand: 'visa', funding: 'debit' },
  { number: '5555555555554444', name: 'mastercard', brand: 'mastercard' },
  { number: '2223003122003222', name: 'mastercard_2series', brand: 'mastercard' },
  { number: '5200828282828210', name: 'mastercard_debit', brand: 'mastercard', funding: 'debit' },
  { number: '5105105105105100', name: 'mastercard_prepaid', brand: 'mastercard', funding: 'prepaid' },
  { number: '378282246310005', name: 'amex', brand: 'amex' },
  { number: '371449635398431', name: 'amex_2', brand: 'amex' },
  { number: '6011111111111117', name: 'discover', brand: 'discover' },
  { number: '6011000990139424', name: 'discover_2', brand: 'discover' },
  { number: '3056930009020004', name: 'diners', brand: 'diners' },
  { number: '36227206271667', name: 'diners_14', brand: 'diners' },
  { number: '3566002020360505', name: 'jcb', brand: 'jcb' },
  { number: '6200000000000005', name: 'unionpay', brand: 'unionpay' },
  { number: '4000000760000002', name: 'br', brand: 'visa', country: 'BR' },
  { number: '4000001240000000', name: 'ca', brand: 'visa', country: 'CA' },
  { number: '4000004840008001', name: 'mx', brand: 'visa', country: 'MX' },
  { number: '4000008260000000', name: 'gb', brand: 'visa', country: 'GB' },
  { number: '4000002760000016', name: 'de', brand: 'visa', country: 'DE' },
  { number: '4000002500000003', name: 'fr', brand: 'visa', country: 'FR' },
  { number: '4000003920000003', name: 'jp', brand: 'visa', country: 'JP' },
  { number: '4000000360000006', name: 'au', brand: 'visa', country: 'AU' },
  { number: '4000000000003055', name: 'threeDSecureOptional', brand: 'visa' },
];

const REFUSED: readonly TestCard[] = [
  { number: '4000000000000002', name: 'visa_chargeDeclined', brand: 'visa', decline: D.generic },
  {
    number: '4000000000009995',
    name: 'visa_chargeDeclinedInsufficientFunds',
    brand: 'visa',
    decline: D.insufficient,
  },
  { number: '4000000000009987', name: 'visa_chargeDeclinedLostCard', brand: 'visa', decline: D.lost },
  { number: '4000000000009979', name: 'visa_chargeDeclinedStolenCard', brand: 'visa', decline: D.stolen },
  { number: '4000000000000069', name: 'chargeDeclinedExpiredCard', brand: 'visa', decline: D.expired },
  { number: '4000000000000127', name: 'chargeDeclinedIncorrectCvc', brand: 'visa', decline: D.cvc },
  { number: '4000000000000119', name: 'chargeDeclinedProcessingError', brand: 'visa', decline: D.processing },
  {
    number: '4000000000006975',
    name: 'visa_chargeDeclinedVelocityLimitExceeded',
    brand: 'visa',
    decline: D.velocity,
  },
  {
    number: '4000000000000341',
    name: 'chargeCustomerFail',
    brand: 'visa',
    decline: D.generic,
    attaches: true,
  },
  { number: '4100000000000019', name: 'radarBlock', brand: 'visa', decline: D.fraudulent, risk: 'highest' },
];

const AUTHENTICATED: readonly TestCard[] = [
  {
    number: '4000002500003155',
    name: 'authenticationRequiredOnSetup',
    brand: 'visa',
    country: 'FR',
    authentication: 'unless_set_up',
  },
  {
    number: '4000002760003184',
    name: 'authenticationRequired',
    brand: 'visa',
    country: 'DE',
    authentication: 'always',
  },
  {
    number: '4000003800000446',
    name: 'authenticationRequiredSetupForOffSession',
    brand: 'visa',
    country: 'IT',
    authentication: 'on_session',
  },
  {
    number: '4000008260003178',
    name: 'authenticationRequiredChargeDeclinedInsufficientFunds',
    brand: 'visa',
    country: 'GB',
    authentication: 'always',
    declineAfter: D.insufficient,
  },
  {
    number: '4000000000003220',
    name: 'threeDSecure2Required',
    brand: 'visa',
    country: 'IE',
    authentication: 'always',
  },
  { number: '4000008400000027', name: 'threeDSecureRequired', brand: 'visa', authentication: 'always' },
  {
    number: '4000008400001629',
    name: 'threeDSecureRequiredChargeDeclined',
    brand: 'visa',
    authentication: 'always',
    declineAfter: D.generic,
  },
  {
    number: '4000008400001280',
    name: 'threeDSecureRequiredProcessingError',
    brand: 'visa',
    authentication: 'always',
    declineAfter: D.processing,
  },
];

const AFTERMATH: readonly TestCard[] = [
  { number: '4000000000000259', name: 'createDispute', brand: 'visa', dispute: 'fraudulent' },
  {
    number: '4000000000002685',
    name: 'createDisputeProductNotReceived',
    brand: 'visa',
    dispute: 'product_not_received',
  },
  { number: '4000000000001976', name: 'createDisputeInquiry', brand: 'visa', dispute: 'inquiry' },
  { number: '4000000000005423', name: 'createIssuerFraudRecord', brand: 'visa', fraudWarning: true },
  { number: '4000000000007726', name: 'pendingRefund', brand: 'visa', refund: 'pending' },
  { number: '4000000000005126', name: 'refundFail', brand: 'visa', refund: 'fails' },
  { number: '4000000000000077', name: 'bypassPending', brand: 'visa', availableAtOnce: true },
  { number: '4000000000009235', name: 'riskLevelElevated', brand: 'visa', risk: 'elevated' },
  { number: '4000000000004202', name: 'triggerNextRequirements', brand: 'visa', restricts: 'requirements' },
  { number: '4000000000004210', name: 'triggerChargeBlock', brand: 'visa', restricts: 'charges' },
  { number: '4000000000004236', name: 'triggerPayoutBlock', brand: 'visa', restricts: 'payouts' },
];

/** Every test card that is known here. */
const TEST_CARDS: readonly TestCard[] = [...GOOD, ...REFUSED, ...AUTHENTICATED, ...AFTERMATH];

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]));
const BY_NAME = new Map(
  TEST_CARDS.flatMap((card) => [[card.name, card] as const, [alias(card.name), card] as const]),
);

/**
 * The card with this number. One that is not a test card is treated as Stripe does in test mode: declined.
 */
export function cardByNumber(number: string): TestCard {
  return BY_NUMBER.get(number) ?? { number, name: '', brand: brandOf(number), decline: DECLINES.liveCard };
}

/** The card behind `pm_card_<name>` or `tok_<name>`, with or without the brand in front. */
export function cardByMagicId(id: string): TestCard | undefined {
  return BY_NAME.get(id.replace(/^(pm_card|tok|btok)_/, ''));
}

/** Stripe knows the declining cards both as `pm_card_chargeDeclined` and as `pm_card_visa_chargeDeclined`. */
function alias(name: string): string {
  return name.startsWith('visa_') ? name.slice('visa_'.length) : `visa_${name}`;
}
