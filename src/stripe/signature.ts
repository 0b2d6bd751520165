import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signature may be, and how far ahead of our clock before somebody should look at the clocks. */
export const TOLERANCE_SECONDS = 300;
// Stripe signs once for each active secret: two while one is rolled. Each costs one comparison.
const SIGNATURES_MAX = 16;
const HEADER_CHARACTERS_MAX = 2_048;

/**
 * What the check found. `secret` is the place of the one that signed, the first of several. `stale`: rightly
 * signed, too long ago. `ahead`: our clock is behind Stripe's.
 */
export type SignatureCheck =
  | { readonly kind: 'valid'; readonly ahead: boolean; readonly secret: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'stale'; readonly signedAtSeconds: number };

const MISSING: SignatureCheck = { kind: 'missing' };
const INVALID: SignatureCheck = { kind: 'invalid' };

/**
 * Checks a `Stripe-Signature` header (scheme v1) over the raw bytes of the body, against each secret.
 * Stricter than stripe-node where that is lenient: the HMAC is of the bytes, not of decoded text; exactly one
 * `t`, a plain number; every `v1` 64 lower-case hex digits. Never throws.
 * Source: docs.stripe.com/webhooks#verify-manually
 */
export function checkSignature(
  body: Uint8Array,
  header: string | null | undefined,
  secrets: readonly string[],
  nowSeconds: number,
): SignatureCheck {
  if (header === null || header === undefined || header === '') return MISSING;
  const parsed = parseHeader(header);
  const secret = parsed ? matching(body, parsed, secrets) : -1;
  if (!parsed || secret < 0) return INVALID;
  const age = nowSeconds - parsed.seconds;
  if (age > TOLERANCE_SECONDS) return { kind: 'stale', signedAtSeconds: parsed.seconds };
  return { kind: 'valid', ahead: age < -TOLERANCE_SECONDS, secret };
}

/** When a header says it was signed, in Unix seconds; null when it is none. Only for one that was checked. */
export function signedAt(header: string): number | null {
  return parseHeader(header)?.seconds ?? null;
}

interface Header {
  /** The digits of `t` as they were sent: they are part of what is signed. */
  timestamp: string;
  seconds: number;
  signatures: Buffer[];
}

// Written as a number is: stripe-node signs the number it reads, so "t=01" would mean another text to it.
const TIMESTAMP = /^(?:0|[1-9][0-9]{0,11})$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

function parseHeader(header: string): Header | null {
  if (header.length > HEADER_CHARACTERS_MAX) return null;
  let timestamp: string | undefined;
  const signatures: Buffer[] = [];
  for (const element of header.split(',')) {
    if (element.startsWith('t=')) {
      if (timestamp !== undefined || !TIMESTAMP.test(element.slice(2))) return null;
      timestamp = element.slice(2);
    } else if (element.startsWith('v1=')) {
      const hex = element.slice(3);
      if (!SIGNATURE.test(hex) || signatures.length === SIGNATURES_MAX) return null;
      signatures.push(Buffer.from(hex, 'hex'));
    } else if (!OTHER_SCHEME.test(element)) return null;
  }
  if (timestamp === undefined || signatures.length === 0) return null;
  return { timestamp, seconds: Number(timestamp), signatures };
}

// `v0` is a signature for tests, and Stripe may add schemes: known by form, never trusted.
const OTHER_SCHEME = /^[a-z0-9_]{1,20}=[^=]*$/;

/** The place of the first secret that signed; -1 when none did. */
function matching(body: Uint8Array, header: Header, secrets: readonly string[]): number {
  let matched = -1;
  for (const [place, secret] of secrets.entries()) {
    const expected = createHmac('sha256', secret).update(`${header.timestamp}.`).update(body).digest();
    // No early end: how long this takes must not tell which secret or signature was right.
    for (const signature of header.signatures) {
      const isRight = timingSafeEqual(expected, signature);
      if (isRight && matched < 0) matched = place;
    }
  }
  return matched;
}
