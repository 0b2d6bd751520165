import { makeStripe, type StripeInstance } from './stripe.ts';

// The stand-in for https://js.stripe.com/<train>/stripe.js: defines `window.Stripe`.

interface StripeFactory {
  (key: string, options?: { stripeAccount?: string }): StripeInstance;
  /** The name in the script's address; the npm loader warns when it is not its own. */
  version: string | number;
}

define();

function define(): void {
  // Only while the script runs is it known where it came from, also when it was put into the page by another.
  const source = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;
  const { origin, pathname } = new URL(source);
  const train = pathname.split('/')[1] ?? '';
  // A function with a body of its own, since older pages say `new Stripe(key)`.
  const factory = function Stripe(key: string, options?: { stripeAccount?: string }) {
    return makeStripe(origin, key, options);
  } as StripeFactory;
  factory.version = train === 'v3' ? 3 : train;
  (window as unknown as { Stripe: StripeFactory }).Stripe ??= factory;
}
