/** What a page needs from elsewhere. */
export interface PageSources {
  /** Stripe.js and the frames it opens; null on pages without it. */
  stripeJs: StripeSources | null;
  /** Where forms of the page may lead: Stripe's Checkout, after our redirect. */
  formTargets: readonly string[];
  /** HTTPS only, for a year. */
  strictTransport: boolean;
}

export interface StripeSources {
  script: readonly string[];
  connect: readonly string[];
  frame: readonly string[];
}

/** The sources of a page with nothing from elsewhere, where `publicUrl` is. */
export function plainSources(publicUrl: string): PageSources {
  return { stripeJs: null, formTargets: [], strictTransport: publicUrl.startsWith('https:') };
}

/** The lists Stripe publishes for Stripe.js (docs.stripe.com/security/guide#content-security-policy). */
export const STRIPE_SOURCES: StripeSources = {
  script: ['https://*.js.stripe.com', 'https://js.stripe.com', 'https://maps.googleapis.com'],
  connect: ['https://api.stripe.com', 'https://maps.googleapis.com'],
  frame: ['https://*.js.stripe.com', 'https://js.stripe.com', 'https://hooks.stripe.com'],
};

/** The headers of every page of ours. */
export function pageHeaders(nonce: string, sources: PageSources): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(nonce, sources),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': 'no-store',
    ...(sources.strictTransport
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  };
}

function contentSecurityPolicy(nonce: string, { stripeJs, formTargets }: PageSources): string {
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'none'"],
    'script-src': [`'nonce-${nonce}'`, ...(stripeJs?.script ?? [])],
    'connect-src': ["'self'", ...(stripeJs?.connect ?? [])],
    'frame-src': stripeJs?.frame ?? ["'none'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'https:', 'data:'],
    'form-action': ["'self'", ...formTargets],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    'object-src': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');
}
