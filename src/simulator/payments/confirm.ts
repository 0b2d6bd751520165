import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';
import { afterSuccess } from './aftermath.ts';
import { attach, setUpForLater } from './attach.ts';
import { transferInstructions } from './bank-transfer.ts';
import { chargeFailed, chargePending, chargeSucceeded, type ChargeAttempt } from './charges.ts';
import { declineOnDemand, lastError, type Refusal } from './declines.ts';
import { needsAuthentication, nextAction } from './authentication.ts';
import { ownerOf } from './owner.ts';
import { DECLINES, cardByNumber, type Decline } from './test-cards.ts';
import { debitOutcome } from './test-ibans.ts';

/** How a payment is confirmed. */
export interface Confirmation {
  method: Stripe.PaymentMethod;
  /** The buyer is away. */
  offSession: boolean;
  /** Fail rather than wait for the buyer. */
  failOnAction: boolean;
  /** Wait for the buyer although they are away, as invoices do. */
  waits?: boolean;
  returnUrl: string | null;
}

/** The intent as it stands afterwards and, when the payment was refused, why. */
export interface Confirmed {
  intent: Stripe.PaymentIntent;
  refusal?: Refusal;
}

/** Methods whose money arrives days later. */
const DEBITS = new Set([
  'sepa_debit',
  'us_bank_account',
  'bacs_debit',
  'au_becs_debit',
  'acss_debit',
  'nz_bank_account',
]);
const HOLD_SECONDS = 7 * 24 * 3600;

const AUTHENTICATION_FAILED: Decline = {
  code: 'payment_intent_authentication_failure',
  message:
    'We are unable to authenticate your payment method. Please choose a different payment method and ' +
    'try again.',
};

/** Tries to pay: see docs.stripe.com/payments/paymentintents/lifecycle. */
export function confirmIntent(realm: Realm, intent: Stripe.PaymentIntent, how: Confirmation): Confirmed {
  const { method, offSession, failOnAction, returnUrl, waits = false } = how;
  checkMethod(realm, intent, method);
  const { number, setUp } = realm.hidden('payment_method', method.id);
  const card = method.type === 'card' && number !== undefined ? cardByNumber(number) : undefined;
  const begun = realm.change('payment_intent', intent.id, {
    payment_method: method.id,
    last_payment_error: null,
    next_action: null,
  });
  const attempt = { intent: begun, method, card, authenticated: false };
  if (DEBITS.has(method.type)) return startDebit(realm, attempt, number ?? '');
  const authenticate = card
    ? needsAuthentication(card, { offSession, setUp: setUp === true })
    : method.type !== 'link';
  if (!authenticate) return authorise(realm, attempt);
  if ((offSession && !waits) || failOnAction) return refuse(realm, attempt, DECLINES.authentication);
  return { intent: waitForBuyer(realm, attempt, returnUrl) };
}

/** What the buyer did at the bank: authenticated, or failed to. */
export function finishAction(realm: Realm, intent: Stripe.PaymentIntent, success: boolean): Confirmed {
  const method = realm.need('payment_method', idOf(intent.payment_method) ?? '');
  const { number } = realm.hidden('payment_method', method.id);
  const card = method.type === 'card' && number !== undefined ? cardByNumber(number) : undefined;
  const begun = realm.change('payment_intent', intent.id, { next_action: null });
  const attempt = { intent: begun, method, card, authenticated: true };
  if (!success) return refuse(realm, attempt, AUTHENTICATION_FAILED);
  if (intent.confirmation_method !== 'manual') return authorise(realm, attempt);
  return { intent: realm.change('payment_intent', intent.id, { status: 'requires_confirmation' }) };
}

/** The bank's answer to a debit, days later or as soon as the test account says. */
export function settleDebit(realm: Realm, intent: Stripe.PaymentIntent): Confirmed {
  const method = realm.need('payment_method', idOf(intent.payment_method) ?? '');
  const { number = '' } = realm.hidden('payment_method', method.id);
  const charge = realm.need('charge', idOf(intent.latest_charge) ?? '');
  const { succeeds, failureCode, disputed } = debitOutcome(number);
  const attempt = { intent, method, card: undefined, authenticated: false };
  if (!succeeds) {
    const decline = { code: failureCode, message: 'The payment failed: the bank did not accept the debit.' };
    const failed = { status: 'failed' as const, failure_code: failureCode, failure_message: decline.message };
    realm.emit('charge.failed', realm.change('charge', charge.id, { ...failed, captured: false }));
    return paymentFailed(realm, attempt, decline, charge.id);
  }
  const paid = realm.change('charge', charge.id, {
    amount_captured: intent.amount,
    paid: true,
    status: 'succeeded',
  });
  realm.emit('charge.succeeded', paid);
  realm.later('charge.book', charge.id, 1);
  return { intent: succeed(realm, attempt, paid, disputed) };
}

function checkMethod(realm: Realm, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  const owner = ownerOf(method);
  if (owner !== null && owner !== ownerOf(intent)) {
    const message =
      `The provided PaymentMethod (${method.id}) belongs to a different Customer (${owner}). Please ` +
      `include this ` +
      'Customer in the `customer` parameter of the PaymentIntent to use this PaymentMethod.';
    throw refused(message, { param: 'payment_method' });
  }
  if (owner === null && realm.hidden('payment_method', method.id).used === true) {
    const message =
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer ' +
      'attachment, shared with a ' +
      'connected account without Customer attachment, or was detached from a Customer. It may not be ' +
      'used again. To ' +
      'use a PaymentMethod multiple times, you must attach it to a Customer first.';
    throw refused(message);
  }
  if (intent.payment_method_types.includes(method.type)) return;
  const message =
    `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attach ` +
    `a PaymentMethod ` +
    `of one of the following types: ${intent.payment_method_types.join(', ')}.`;
  throw refused(message, { code: 'payment_intent_incompatible_payment_method', param: 'payment_method' });
}

function waitForBuyer(realm: Realm, { intent, method }: ChargeAttempt, returnUrl: string | null) {
  const waiting = realm.change('payment_intent', intent.id, {
    status: 'requires_action',
    next_action:
      method.type === 'customer_balance'
        ? transferInstructions(realm, intent)
        : nextAction(realm, intent, method.type, returnUrl),
  });
  realm.emit('payment_intent.requires_action', waiting);
  return waiting;
}

function authorise(realm: Realm, attempt: ChargeAttempt): Confirmed {
  const { card, authenticated } = attempt;
  const decline =
    declineOnDemand(realm, DECLINES) ?? card?.decline ?? (authenticated ? card?.declineAfter : undefined);
  if (decline) return refuse(realm, attempt, decline);
  const charge = chargeSucceeded(realm, attempt);
  if (charge.captured) return { intent: succeed(realm, attempt, charge, false) };
  keepMethod(realm, attempt);
  const held = realm.change('payment_intent', attempt.intent.id, {
    status: 'requires_capture',
    amount_capturable: charge.amount,
    latest_charge: charge.id,
  });
  realm.later('intent.release', held.id, HOLD_SECONDS);
  realm.emit('payment_intent.amount_capturable_updated', held);
  return { intent: held };
}

function succeed(
  realm: Realm,
  attempt: ChargeAttempt,
  charge: Stripe.Charge,
  disputed: boolean,
): Stripe.PaymentIntent {
  keepMethod(realm, attempt);
  const paid = realm.change('payment_intent', attempt.intent.id, {
    status: 'succeeded',
    amount_received: charge.amount_captured,
    latest_charge: charge.id,
    processing: null,
  });
  realm.emit('payment_intent.succeeded', paid);
  afterSuccess(realm, charge, attempt.card ?? (disputed ? { dispute: 'fraudulent' } : {}));
  return realm.need('payment_intent', paid.id);
}

/** A method that paid is saved with the customer if that was asked for, and otherwise is used up. */
function keepMethod(realm: Realm, { intent, method }: ChargeAttempt): void {
  const owner = ownerOf(intent);
  if (owner !== null && intent.setup_future_usage !== null) {
    attach(realm, realm.need('payment_method', method.id), owner);
    if (intent.setup_future_usage === 'off_session') setUpForLater(realm, method.id);
  } else if (ownerOf(method) === null) realm.conceal('payment_method', method.id, { used: true });
}

function refuse(realm: Realm, attempt: ChargeAttempt, decline: Decline): Confirmed {
  const reachedBank = decline !== AUTHENTICATION_FAILED;
  const charge = reachedBank ? chargeFailed(realm, attempt, decline) : undefined;
  return paymentFailed(realm, attempt, decline, charge?.id);
}

function paymentFailed(
  realm: Realm,
  { intent, method }: ChargeAttempt,
  decline: Decline,
  charge?: string,
): Confirmed {
  const refusal: Refusal = { decline, method, charge };
  const failed = realm.change('payment_intent', intent.id, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    processing: null,
    last_payment_error: lastError(refusal),
    ...(charge !== undefined && { latest_charge: charge }),
  });
  realm.emit('payment_intent.payment_failed', failed);
  return { intent: failed, refusal };
}

function startDebit(realm: Realm, attempt: ChargeAttempt, account: string): Confirmed {
  const { intent } = attempt;
  const charge = chargePending(realm, attempt);
  const processing = realm.change('payment_intent', intent.id, {
    status: 'processing',
    latest_charge: charge.id,
  });
  realm.emit('payment_intent.processing', processing);
  realm.later('intent.settle', intent.id, debitOutcome(account).delaySeconds);
  return { intent: processing };
}
