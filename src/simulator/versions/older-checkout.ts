import type Stripe from 'stripe';
import type { StripeObject } from '../store/store.ts';
import { AUGUST_2022, BASIL, DAHLIA } from './names.ts';
import type { OlderField } from './older-field.ts';

/** The words for a session's `ui_mode`, today's and those of before; see also older-params.ts. */
export const UI_MODES: Readonly<Record<string, string>> = {
  elements: 'custom',
  embedded_page: 'embedded',
  hosted_page: 'hosted',
};

/** What Checkout Sessions showed. */
export const OLDER_CHECKOUT: readonly OlderField[] = [
  {
    before: DAHLIA,
    kind: 'checkout.session',
    field: 'ui_mode',
    replaces: true,
    was: (_realm, { ui_mode: mode }) => UI_MODES[String(mode)] ?? mode,
  },
  {
    before: BASIL,
    kind: 'checkout.session',
    field: 'shipping_details',
    was: (_realm, session) => shippingOf(session),
  },
  {
    before: AUGUST_2022,
    kind: 'checkout.session',
    field: 'shipping',
    was: (_realm, session) => shippingOf(session),
  },
];

function shippingOf({ collected_information: collected }: StripeObject): unknown {
  return (collected as Stripe.Checkout.Session.CollectedInformation | null)?.shipping_details ?? null;
}
