import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { noSuch, refused } from '../server/errors.ts';

/** The PaymentMethod that a ConfirmationToken stands for; a token confirms one intent and is then used up. */
export function tokenMethod(
  realm: Realm,
  id: string,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
): Stripe.PaymentMethod {
  const token = realm.get('confirmation_token', id);
  if (!token) throw noSuch('confirmation_token', id, 'confirmation_token');
  if (token.payment_intent !== null || token.setup_intent !== null)
    throw refused(`The ConfirmationToken ${id} has already been used.`, { code: 'token_already_used' });
  const { method } = realm.hidden('confirmation_token', id);
  realm.change('confirmation_token', id, { [intent.object]: intent.id });
  return realm.need('payment_method', method ?? '');
}
