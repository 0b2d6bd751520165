import { createHash, randomBytes } from 'node:crypto';
import { cookieOf, hostCookie } from '../session.ts';

const COOKIE = '__Host-quittance_oauth';
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/** How long somebody may take on Stripe's page. */
export const STATE_SECONDS = 600;

/** 256 bits that nobody can guess. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The database keeps hashes: who reads it can't end what somebody else began. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The name this browser has for us, or null. It says nothing of who sits there. */
export function browserSession(request: Request): string | null {
  const value = cookieOf(request, COOKIE);
  return SECRET.test(value) ? value : null;
}

/** Gives the browser its name, as long as it may be away. */
export function browserCookie(session: string): string {
  return hostCookie(COOKIE, session, STATE_SECONDS);
}
