import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { TestCard } from './test-cards.ts';

/** Whether the bank wants to see the buyer; `setUp` cards were authenticated for later use. */
export function needsAuthentication(card: TestCard, when: { offSession: boolean; setUp: boolean }): boolean {
  if (card.authentication === undefined) return false;
  if (!when.offSession) return true;
  if (card.authentication === 'always') return true;
  return card.authentication === 'unless_set_up' && !when.setUp;
}

/**
 * Where the buyer comes back to from a page of the bank. Stripe.js shows the bank of a card in a dialog, so
 * that there is no way to go; every other method has a page of its own.
 */
export function wayBack(params: Params, method: Stripe.PaymentMethod): string | null {
  if (params['use_stripe_sdk'] === true && method.type === 'card') return null;
  return (params['return_url'] as string | undefined) ?? null;
}

/**
 * Where the buyer authenticates: a page to go to when there is a way back, otherwise a dialog by Stripe.js.
 */
export function nextAction(
  realm: Realm,
  intent: { id: string; client_secret: string | null },
  methodType: string,
  returnUrl: string | null,
): Stripe.PaymentIntent.NextAction {
  const url = authenticationUrl(realm, intent);
  if (returnUrl !== null) return { redirect_to_url: { return_url: returnUrl, url }, type: 'redirect_to_url' };
  const sdk = {
    type: 'three_d_secure_redirect',
    source: `payatt_3${realm.secret(23)}`,
    stripe_js: url,
    known: methodType,
  };
  return { type: 'use_stripe_sdk', use_stripe_sdk: sdk };
}

/**
 * The bank's page for this payment; the client secret in it is what lets the buyer, and nobody else,
 * answer.
 */
function authenticationUrl(realm: Realm, intent: { id: string; client_secret: string | null }): string {
  const { url } = realm.engine.settings;
  return `${url}/_sim/authenticate/${intent.id}?client_secret=${intent.client_secret ?? ''}`;
}
