import type Stripe from 'stripe';
import type { Call } from '../server/call.ts';
import { badParameter } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

/** What a browser is shown of an intent; the rest is between the server and Stripe. */
const SHOWN = new Set(
  (
    'id object amount amount_details automatic_payment_methods canceled_at cancellation_reason ' +
    'capture_method ' +
    'client_secret confirmation_method created currency description last_payment_error ' +
    'last_setup_error livemode ' +
    'next_action payment_method payment_method_configuration_details payment_method_types processing ' +
    'receipt_email ' +
    'setup_future_usage shipping source status usage'
  ).split(' '),
);

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/** A publishable key opens an intent only together with its client secret. */
export function checkClientSecret({ caller, params }: Call, intent: Intent): void {
  if (caller.kind === 'secret' && params['client_secret'] === undefined) return;
  if (params['client_secret'] === intent.client_secret) return;
  const noun = intent.object === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent';
  throw badParameter(
    `The client_secret provided does not match any associated ${noun} on this account. Ensure the provided ` +
      'client_secret and publishable key belong to the same account.',
    { code: 'resource_missing', param: 'client_secret' },
  );
}

/** The intent as this caller may see it. */
export function forBrowser({ caller }: Call, intent: Intent): StripeObject {
  const object = intent as unknown as StripeObject;
  if (caller.kind === 'secret') return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => SHOWN.has(name)));
}
