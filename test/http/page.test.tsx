import { describe, expect, it } from 'vitest';
import { pageResponse } from '../../src/http/page.tsx';
import { STRIPE_SOURCES } from '../../src/http/security-headers.ts';

describe('a page', () => {
  it('shows text as text, whatever is in it', async () => {
    const sources = { stripeJs: null, formTargets: [], strictTransport: false };
    const children = <p>{'<script>alert(1)</script>'}</p>;
    const response = pageResponse({ title: '<b>', shopName: 'Shop', sources, children });
    const html = await response.text();
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<title>&lt;b&gt; – Shop</title>');
  });

  it('carries exactly the sources that Stripe publishes for Stripe.js, and its own nonce', () => {
    const sources = {
      stripeJs: STRIPE_SOURCES,
      formTargets: ['https://checkout.stripe.com'],
      strictTransport: true,
    };
    const { headers } = pageResponse({ title: 'Pay', shopName: 'Shop', sources, children: 'x' });
    const policy = headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}' https://*.js.stripe.com https://js.stripe.com https://maps.googleapis.com`,
      "connect-src 'self' https://api.stripe.com https://maps.googleapis.com",
      'frame-src https://*.js.stripe.com https://js.stripe.com https://hooks.stripe.com',
      "style-src 'self'",
      "img-src 'self' https: data:",
      "form-action 'self' https://checkout.stripe.com",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ]);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});
