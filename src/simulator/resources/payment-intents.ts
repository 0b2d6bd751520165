import type Stripe from 'stripe';
import { followIntent } from '../checkout/pay.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { checkConnectParams } from '../money/connect-params.ts';
import { checkAmount, checkCurrency } from '../payments/amounts.ts';
import { cancelIntent, captureIntent, releaseHold } from '../payments/capture.ts';
import { confirmIntent, settleDebit, type Confirmed } from '../payments/confirm.ts';
import { declinedError } from '../payments/declines.ts';
import { makeIntent, plainFields } from '../payments/make-intent.ts';
import { checkWayBack } from '../payments/method-types.ts';
import { findMethod, makeMethod } from '../payments/methods.ts';
import { wayBack } from '../payments/authentication.ts';
import { tokenMethod } from '../payments/confirmation-tokens.ts';
import { bookNow } from '../payments/charges.ts';
import { namedOwner, owned } from '../payments/owner.ts';
import { shippingOf } from '../payments/shipping.ts';
import { checkClientSecret, forBrowser } from '../payments/client-secret.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

type Intent = Stripe.PaymentIntent;

/** docs.stripe.com/upgrades#2024-04-10 */
const ASYNC_CAPTURE = '2024-04-10';

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
const CHANGEABLE = [...CONFIRMABLE, 'requires_capture'];

/** docs.stripe.com/api/payment_intents */
export const paymentIntents: Resource = {
  routes: {
    'POST /v1/payment_intents': create,
    'GET /v1/payment_intents/{}': retrieve,
    'POST /v1/payment_intents/{}': update,
    'POST /v1/payment_intents/{}/confirm': confirm,
    'POST /v1/payment_intents/{}/capture': (call) => {
      const captured = captureIntent(call.realm, intentOf(call), call.params);
      followIntent(call.realm, captured);
      return asObject(captured);
    },
    'POST /v1/payment_intents/{}/cancel': (call) =>
      asObject(cancelIntent(call.realm, intentOf(call), call.params)),
  },
  tasks: {
    'intent.settle': (realm, id) => {
      const intent = realm.get('payment_intent', id);
      if (intent?.status === 'processing') followIntent(realm, settleDebit(realm, intent).intent);
    },
    'intent.release': releaseHold,
    'charge.book': (realm, id) => {
      const charge = realm.get('charge', id);
      if (charge) bookNow(realm, charge);
    },
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  // Until then Stripe booked a payment at once unless asked to do it later.
  const capture_method = call.version < ASYNC_CAPTURE ? 'automatic' : 'automatic_async';
  let intent = makeIntent(realm, { capture_method, ...params });
  const method = methodFrom(call, intent);
  const confirmed = params['confirm'] === true;
  if (confirmed)
    checkWayBack(intent.payment_method_types, params, intent.automatic_payment_methods?.allow_redirects);
  if (method && !confirmed)
    intent = realm.change('payment_intent', intent.id, {
      payment_method: method.id,
      status: 'requires_confirmation',
    });
  realm.emit('payment_intent.created', intent);
  return asObject(confirmed ? carryOut(call, intent, method) : intent);
}

function retrieve(call: Call): StripeObject {
  const intent = intentOf(call);
  return forBrowser(call, intent);
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = intentOf(call);
  const amount = params['amount'] as number | undefined;
  if (amount !== undefined || params['currency'] !== undefined) checkAmountChange(before, params);
  const owner = namedOwner(realm, params);
  const split = params['transfer_data'] as { amount?: number } | undefined;
  const shared = { ...before, ...params, transfer_data: { ...before.transfer_data, ...split } };
  if (split ?? params['application_fee_amount'] ?? params['on_behalf_of'])
    checkConnectParams(realm, shared, amount ?? before.amount);
  const method = methodFrom(call, before);
  const fixed = !CHANGEABLE.includes(before.status);
  if (method && fixed) throw unexpected(before, 'update the payment method of');
  const changes: Partial<Intent> = {
    ...plainFields(params),
    ...(split && before.transfer_data && { transfer_data: shared.transfer_data as Intent['transfer_data'] }),
    ...(amount !== undefined && { amount }),
    ...(params['currency'] !== undefined && { currency: checkCurrency(params['currency'] as string) }),
    ...(owner !== undefined && owned(owner)),
    ...(params['capture_method'] !== undefined && {
      capture_method: params['capture_method'] as Stripe.PaymentIntent.CaptureMethod,
    }),
    ...(params['shipping'] !== undefined && {
      shipping: shippingOf(params['shipping'] as Params),
    }),
    ...(params['metadata'] !== undefined && { metadata: mergeMetadata(before.metadata, params['metadata']) }),
    ...(method && { payment_method: method.id, status: 'requires_confirmation', next_action: null }),
  };
  return asObject(realm.change('payment_intent', before.id, changes));
}

function confirm(call: Call): StripeObject {
  const { params, caller } = call;
  const intent = intentOf(call);
  if (intent.status === 'succeeded')
    throw refusedState(
      intent,
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously ' +
        'confirmed.',
    );
  if (!CONFIRMABLE.includes(intent.status)) throw unexpected(intent, 'confirm');
  if (caller.kind === 'secret')
    checkWayBack(intent.payment_method_types, params, intent.automatic_payment_methods?.allow_redirects);
  const confirmed = carryOut(call, withConfirmParams(call, intent), methodFrom(call, intent));
  return forBrowser(call, confirmed);
}

function withConfirmParams({ realm, params }: Call, intent: Intent): Intent {
  const changes = {
    ...plainFields(params),
    ...(params['shipping'] !== undefined && {
      shipping: shippingOf(params['shipping'] as Params),
    }),
  };
  return Object.keys(changes).length > 0 ? realm.change('payment_intent', intent.id, changes) : intent;
}

/** Confirms with the method that was given or was there; a refusal becomes Stripe's 402. */
function carryOut(call: Call, intent: Intent, given: Stripe.PaymentMethod | undefined): Intent {
  const { realm, params } = call;
  const method = given ?? realm.get('payment_method', idOf(intent.payment_method));
  if (!method) {
    throw refusedState(
      intent,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either " +
        'update the ' +
        'PaymentIntent with a payment method and then confirm it again, or confirm it again directly ' +
        'with a payment ' +
        'method or ConfirmationToken.',
    );
  }
  const offSession = params['off_session'];
  const confirmed: Confirmed = confirmIntent(realm, intent, {
    method,
    offSession: offSession !== undefined && offSession !== false,
    failOnAction: params['error_on_requires_action'] === true,
    returnUrl: wayBack(params, method),
  });
  if (confirmed.refusal) throw declinedError(confirmed.refusal, confirmed.intent);
  return confirmed.intent;
}

function methodFrom(call: Call, intent: Intent): Stripe.PaymentMethod | undefined {
  const { realm, params } = call;
  const id = params['payment_method'] as string | null | undefined;
  const data = params['payment_method_data'] as Params | undefined;
  const token = params['confirmation_token'] as string | undefined;
  if (token !== undefined) return tokenMethod(realm, token, intent);
  if (data) return makeMethod(realm, data, 'payment_method_data');
  return id ? findMethod(call, id, 'payment_method') : undefined;
}

function checkAmountChange(intent: Intent, params: Params): void {
  if (!CONFIRMABLE.includes(intent.status)) {
    const message =
      `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}. ` +
      `You may only ` +
      `update the amount of a PaymentIntent with one of the following statuses: ${CONFIRMABLE.join(', ')}.`;
    throw refusedState(intent, message);
  }
  checkAmount((params['amount'] as number | undefined) ?? intent.amount, intent.currency);
}

function intentOf(call: Call): Intent {
  const intent = call.realm.named('payment_intent', call.ids[0] ?? '', 'intent');
  checkClientSecret(call, intent);
  return intent;
}

function unexpected(intent: Intent, verb: string): Error {
  const message =
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}. Only a ` +
    `PaymentIntent with one ` +
    `of the following statuses may be confirmed: ${CONFIRMABLE.join(', ')}.`;
  return refusedState(intent, message);
}

function refusedState(intent: Intent, message: string): Error {
  const error = refused(message, { code: 'payment_intent_unexpected_state' });
  error.body.payment_intent = asObject(intent);
  return error;
}

function asObject(intent: Intent): StripeObject {
  return intent as unknown as StripeObject;
}
