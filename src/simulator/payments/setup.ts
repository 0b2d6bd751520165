import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';
import { owned, ownerOf } from './owner.ts';
import { attach, setUpForLater } from './attach.ts';
import { needsAuthentication, nextAction } from './authentication.ts';
import { lastError, type Refusal } from './declines.ts';
import { DECLINES, cardByNumber, type Decline, type TestCard } from './test-cards.ts';

/** The intent as it stands afterwards and, when the method was refused, why. */
export interface SetUp {
  intent: Stripe.SetupIntent;
  refusal?: Refusal;
}

interface Try {
  intent: Stripe.SetupIntent;
  method: Stripe.PaymentMethod;
  card: TestCard | undefined;
}

const AUTHENTICATION_FAILED: Decline = {
  code: 'setup_intent_authentication_failure',
  message:
    'We are unable to authenticate your payment method. Please choose a different payment method and ' +
    'try again.',
};

/** Tries to set a payment method up for later: see docs.stripe.com/payments/setupintents/lifecycle. */
export function confirmSetup(
  realm: Realm,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  returnUrl: string | null,
): SetUp {
  const begun = begin(realm, intent, method);
  if (begun.card && needsAuthentication(begun.card, { offSession: false, setUp: false })) {
    const waiting = realm.change('setup_intent', intent.id, {
      status: 'requires_action',
      payment_method: method.id,
      next_action: nextAction(realm, intent, method.type, returnUrl) as Stripe.SetupIntent.NextAction,
    });
    realm.emit('setup_intent.requires_action', waiting);
    return { intent: waiting };
  }
  return decide(realm, begun);
}

/** What the buyer did at the bank. */
export function finishSetup(realm: Realm, intent: Stripe.SetupIntent, success: boolean): SetUp {
  const method = realm.need('payment_method', idOf(intent.payment_method) ?? '');
  const begun = begin(realm, intent, method);
  return success ? decide(realm, begun) : refuse(realm, begun, AUTHENTICATION_FAILED);
}

function begin(realm: Realm, intent: Stripe.SetupIntent, method: Stripe.PaymentMethod): Try {
  if (!intent.payment_method_types.includes(method.type)) {
    const message =
      `The PaymentMethod provided (${method.type}) is not allowed for this SetupIntent. Please attach ` +
      `a PaymentMethod ` +
      `of one of the following types: ${intent.payment_method_types.join(', ')}.`;
    throw refused(message, { code: 'payment_method_unexpected_state', param: 'payment_method' });
  }
  const { number } = realm.hidden('payment_method', method.id);
  const card = method.type === 'card' && number !== undefined ? cardByNumber(number) : undefined;
  return { intent, method, card };
}

function decide(realm: Realm, { intent, method, card }: Try): SetUp {
  const owner = ownerOf(intent);
  if (card?.decline && card.attaches !== true) return refuse(realm, { intent, method, card }, card.decline);
  if (card?.risk === 'highest') return refuse(realm, { intent, method, card }, DECLINES.fraudulent);
  if (owner !== null) attach(realm, realm.need('payment_method', method.id), owner);
  setUpForLater(realm, method.id);
  const succeeded = realm.change('setup_intent', intent.id, {
    status: 'succeeded',
    payment_method: method.id,
    next_action: null,
    last_setup_error: null,
    latest_attempt: noteAttempt(realm, intent, method, 'succeeded'),
    ...(method.type !== 'card' && { mandate: makeMandate(realm, method) }),
  });
  realm.emit('setup_intent.succeeded', succeeded);
  return { intent: succeeded };
}

function refuse(realm: Realm, { intent, method }: Try, decline: Decline): SetUp {
  const refusal: Refusal = { decline, method, charge: undefined };
  const failed = realm.change('setup_intent', intent.id, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_setup_error: lastError(refusal),
    latest_attempt: noteAttempt(realm, intent, method, 'failed'),
  });
  realm.emit('setup_intent.setup_failed', failed);
  return { intent: failed, refusal };
}

function noteAttempt(
  realm: Realm,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  status: 'succeeded' | 'failed',
): string {
  const attempt = realm.insert('setup_attempt', {
    ...owned(ownerOf(intent)),
    payment_method: method.id,
    payment_method_details: { [method.type]: {}, type: method.type },
    setup_intent: intent.id,
    status,
    usage: intent.usage,
  });
  return attempt.id;
}

function makeMandate(realm: Realm, method: Stripe.PaymentMethod): string {
  const mandate = realm.insert('mandate', {
    customer_acceptance: {
      accepted_at: realm.now,
      online: { ip_address: null, user_agent: null },
      type: 'online',
    },
    multi_use: {},
    payment_method: method.id,
    payment_method_details: {
      sepa_debit: { reference: realm.secret(16).toUpperCase(), url: '' },
      type: method.type,
    },
    status: 'active',
    type: 'multi_use',
  });
  return mandate.id;
}
