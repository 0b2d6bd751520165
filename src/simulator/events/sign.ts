import { createHmac } from 'node:crypto';

/** A signing secret; one that has been rolled keeps signing until it expires. */
export interface SigningSecret {
  secret: string;
  /** Unix seconds; null for the current one. */
  expires_at: number | null;
}

/**
 * The value of `Stripe-Signature`: the time and one `v1` HMAC-SHA256 of `time.body` for each secret that is
 * valid now. See docs.stripe.com/webhooks, "Verify webhook signatures manually".
 */
export function signatureHeader(body: Buffer, secrets: readonly SigningSecret[], now: number): string {
  const valid = secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
  const signatures = valid.map(({ secret }) => {
    const hmac = createHmac('sha256', secret).update(`${now}.`).update(body);
    return `v1=${hmac.digest('hex')}`;
  });
  return [`t=${now}`, ...signatures].join(',');
}
