import Stripe from 'stripe';

const TEXT_CHARACTERS_MAX = 300;

/** True when Stripe does not take a code or a refresh token (any more): RFC 6749, 5.2. */
export function isInvalidGrant(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidGrantError;
}

/** What Stripe says of why it sent somebody back without a code, as text. */
export function oauthRefusal(query: URLSearchParams): string {
  const words = query.get('error_description') || query.get('error') || 'no reason';
  return `Stripe says: ${words.slice(0, TEXT_CHARACTERS_MAX)}`;
}
