import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { StripeError, refused } from '../server/errors.ts';
import { owned, ownerOf } from './owner.ts';
import { cardByNumber } from './test-cards.ts';

/**
 * Saves a PaymentMethod with its owner, a customer or an account of /v2. Cards that are always refused are
 * refused here too, as by Stripe.
 */
export function attach(realm: Realm, method: Stripe.PaymentMethod, owner: string): Stripe.PaymentMethod {
  const { number } = realm.hidden('payment_method', method.id);
  const card = method.type === 'card' && number !== undefined ? cardByNumber(number) : undefined;
  if (ownerOf(method) === owner) return method;
  if (ownerOf(method) !== null)
    throw refused('The payment method you provided has already been attached to a customer.');
  if (card?.decline && card.attaches !== true)
    throw new StripeError(card.decline.message, {
      status: 402,
      type: 'card_error',
      code: card.decline.code,
      decline_code: card.decline.decline_code,
    });
  const checked = realm.change('payment_method', method.id, {
    ...owned(owner),
    ...(method.card && { card: { ...method.card, checks: passed(method) } }),
  });
  realm.emit('payment_method.attached', checked);
  return checked;
}

/** Marks a method as set up, so that it can pay while its owner is away. */
export function setUpForLater(realm: Realm, method: string): void {
  realm.conceal('payment_method', method, { setUp: true });
}

function passed({ card, billing_details }: Stripe.PaymentMethod): Stripe.PaymentMethod.Card['checks'] {
  if (!card?.checks) return null;
  const { cvc_check } = card.checks;
  return {
    address_line1_check: billing_details.address?.line1 ? 'pass' : null,
    address_postal_code_check: billing_details.address?.postal_code ? 'pass' : null,
    cvc_check: cvc_check === null ? null : 'pass',
  };
}
