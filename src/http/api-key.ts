import { createHash, timingSafeEqual } from 'node:crypto';
import type { Problem } from './problem.ts';

/** The token of an `Authorization: Bearer …` header, or null. */
export function bearerToken(request: Request): string | null {
  const match = /^Bearer ([^\s]+)$/i.exec(request.headers.get('authorization') ?? '');
  return match?.[1] ?? null;
}

/** Compares digests, so that neither content nor length can be learned from the time it takes. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** True when the request carries this token. */
export function hasBearer(request: Request, token: string): boolean {
  const given = bearerToken(request);
  return given !== null && sameSecret(given, token);
}

/** Null when the request carries the API key; else why it may not pass. */
export function refuseWithoutApiKey(request: Request, apiKey: string | undefined): Problem | null {
  if (!apiKey) {
    const detail = 'The API is closed: set QUITTANCE_API_KEY (at least 16 characters) to open it.';
    return { status: 503, code: 'not_configured', detail };
  }
  if (hasBearer(request, apiKey)) return null;
  const detail = 'Send the API key: "Authorization: Bearer <QUITTANCE_API_KEY>".';
  return { status: 401, code: 'unauthorized', detail, headers: { 'www-authenticate': 'Bearer' } };
}
