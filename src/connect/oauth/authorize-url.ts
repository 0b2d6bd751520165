import type { SellerRow } from '../seller.ts';

const STRIPE = 'https://connect.stripe.com';

export interface AuthorizeSettings {
  publicUrl: string;
  stripeConnectClientId: string;
  /** Another Stripe, whole with protocol and port; the library's own builder drops both. */
  stripeApiBase?: string | undefined;
}

/** Where Stripe sends the browser back to. It has to be listed in the platform's settings at Stripe. */
function redirectUri({ publicUrl }: Pick<AuthorizeSettings, 'publicUrl'>): string {
  return `${publicUrl}/connect/oauth`;
}

/**
 * Where somebody lets us into their Stripe account. What is known of them is filled in already.
 * Source: docs.stripe.com/connect/oauth-reference
 */
export function authorizeUrl(
  settings: AuthorizeSettings,
  seller: Pick<SellerRow, 'email' | 'name' | 'country' | 'business_type' | 'preset'>,
  state: string,
): string {
  const url = new URL(`${settings.stripeApiBase ?? STRIPE}/oauth/authorize`);
  const { searchParams } = url;
  searchParams.set('response_type', 'code');
  searchParams.set('client_id', settings.stripeConnectClientId);
  searchParams.set('scope', 'read_write');
  searchParams.set('redirect_uri', redirectUri(settings));
  searchParams.set('state', state);
  for (const [name, value] of Object.entries(knownOf(seller))) {
    if (value) searchParams.set(`stripe_user[${name}]`, value);
  }
  for (const capability of CAPABILITIES[seller.preset]) {
    searchParams.append('suggested_capabilities[]', capability);
  }
  return url.toString();
}

const CAPABILITIES: Record<SellerRow['preset'], readonly string[]> = {
  marketplace: ['transfers'],
  full_dashboard: ['card_payments', 'transfers'],
};

// OAuth has other words for the kinds of business than accounts have.
const BUSINESS_TYPES: Record<string, string> = {
  individual: 'sole_prop',
  company: 'corporation',
  non_profit: 'non_profit',
};

function knownOf({ email, name, country, business_type: type }: Parameters<typeof authorizeUrl>[1]) {
  return { email, country, business_name: name, business_type: BUSINESS_TYPES[type ?? ''] };
}
