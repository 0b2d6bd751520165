import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { StripeError } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';
import type { Decline } from './test-cards.ts';

/** A refusal as the intent remembers it and as the API answers it. */
export interface Refusal {
  decline: Decline;
  method: Stripe.PaymentMethod;
  charge: string | undefined;
}

/** `last_payment_error` or `last_setup_error`. */
export function lastError({ decline, method, charge }: Refusal): Stripe.PaymentIntent.LastPaymentError {
  return {
    ...(decline.advice_code && { advice_code: decline.advice_code }),
    ...(charge !== undefined && { charge }),
    code: decline.code,
    ...(decline.decline_code !== undefined && { decline_code: decline.decline_code }),
    doc_url: `https://stripe.com/docs/error-codes/${decline.code.replaceAll('_', '-')}`,
    message: decline.message,
    payment_method: method,
    type: decline.code.includes('intent') ? 'invalid_request_error' : 'card_error',
  };
}

/** The 402 with which a confirmation ends; the change that it reports stays. */
export function declinedError(
  { decline, method, charge }: Refusal,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
): StripeError {
  return new StripeError(decline.message, {
    status: 402,
    type: 'card_error',
    code: decline.code,
    decline_code: decline.decline_code,
    advice_code: decline.advice_code,
    charge,
    payment_method: method as unknown as StripeObject,
    [intent.object]: intent as unknown as StripeObject,
    keepsChanges: true,
  });
}

/** Which refusal the control API asked for, if any. */
export function declineOnDemand(
  { engine }: Realm,
  known: Readonly<Record<string, Decline>>,
): Decline | undefined {
  const code = engine.faults.declineNext();
  if (code === undefined) return undefined;
  const same = Object.values(known).find(({ decline_code }) => decline_code === code);
  return same ?? { code: 'card_declined', decline_code: code, message: 'Your card was declined.' };
}
