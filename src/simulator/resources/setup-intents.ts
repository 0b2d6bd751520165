import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { checkClientSecret, forBrowser } from '../payments/client-secret.ts';
import { wayBack } from '../payments/authentication.ts';
import { namedOwner, owned } from '../payments/owner.ts';
import { tokenMethod } from '../payments/confirmation-tokens.ts';
import { declinedError } from '../payments/declines.ts';
import { makeSetupIntent } from '../payments/make-setup-intent.ts';
import { checkWayBack } from '../payments/method-types.ts';
import { findMethod, makeMethod } from '../payments/methods.ts';
import { confirmSetup } from '../payments/setup.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

type Intent = Stripe.SetupIntent;

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** docs.stripe.com/api/setup_intents */
export const setupIntents: Resource = {
  routes: {
    'POST /v1/setup_intents': create,
    'GET /v1/setup_intents/{}': (call) => forBrowser(call, intentOf(call)),
    'POST /v1/setup_intents/{}': update,
    'POST /v1/setup_intents/{}/confirm': confirm,
    'POST /v1/setup_intents/{}/cancel': cancel,
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  let intent = makeSetupIntent(realm, params);
  const method = methodFrom(call, intent);
  const confirmed = params['confirm'] === true;
  if (confirmed)
    checkWayBack(intent.payment_method_types, params, intent.automatic_payment_methods?.allow_redirects);
  if (method)
    intent = realm.change('setup_intent', intent.id, {
      payment_method: method.id,
      status: 'requires_confirmation',
    });
  realm.emit('setup_intent.created', intent);
  return asObject(confirmed ? carryOut(call, intent, method) : intent);
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = intentOf(call);
  const method = methodFrom(call, before);
  const owner = namedOwner(realm, params);
  const changes: Partial<Intent> = {
    ...(owner !== undefined && owned(owner)),
    ...(params['description'] !== undefined && { description: params['description'] as string | null }),
    ...(params['metadata'] !== undefined && { metadata: mergeMetadata(before.metadata, params['metadata']) }),
    ...(method && { payment_method: method.id, status: 'requires_confirmation' }),
  };
  return asObject(realm.change('setup_intent', before.id, changes));
}

function confirm(call: Call): StripeObject {
  const intent = intentOf(call);
  if (!OPEN.includes(intent.status)) throw unexpected(intent, 'confirm');
  return forBrowser(call, carryOut(call, intent, methodFrom(call, intent)));
}

function cancel({ realm, ids, params }: Call): StripeObject {
  const intent = realm.named('setup_intent', ids[0] ?? '', 'intent');
  if (!OPEN.includes(intent.status)) throw unexpected(intent, 'cancel');
  const canceled = realm.change('setup_intent', intent.id, {
    status: 'canceled',
    cancellation_reason: (params['cancellation_reason'] ??
      null) as Stripe.SetupIntent.CancellationReason | null,
    next_action: null,
  });
  realm.emit('setup_intent.canceled', canceled);
  return asObject(canceled);
}

function carryOut(call: Call, intent: Intent, given: Stripe.PaymentMethod | undefined): Intent {
  const { realm, params } = call;
  const method = given ?? realm.get('payment_method', idOf(intent.payment_method));
  if (!method)
    throw refused(
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the " +
        'SetupIntent with a ' +
        'payment method and then confirm it again.',
      { code: 'setup_intent_unexpected_state' },
    );
  const { intent: after, refusal } = confirmSetup(realm, intent, method, wayBack(params, method));
  if (refusal) throw declinedError(refusal, after);
  return after;
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

function intentOf(call: Call): Intent {
  const intent = call.realm.named('setup_intent', call.ids[0] ?? '', 'intent');
  checkClientSecret(call, intent);
  return intent;
}

function unexpected(intent: Intent, verb: string): Error {
  const message =
    `You cannot ${verb} this SetupIntent because it has a status of ${intent.status}. Only a ` +
    `SetupIntent with one of ` +
    `the following statuses may be ${verb}ed: ${OPEN.join(', ')}.`;
  const error = refused(message, { code: 'setup_intent_unexpected_state' });
  error.body.setup_intent = asObject(intent);
  return error;
}

function asObject(intent: Intent): StripeObject {
  return intent as unknown as StripeObject;
}
