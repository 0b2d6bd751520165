import { createHash, randomBytes } from 'node:crypto';
import { cookieOf, hostCookie } from './cookies.ts';

const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/** How long somebody who was sent to agree to something may take there. */
export const AWAY_SECONDS = 600;

/** 256 bits that nobody can guess. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The database keeps hashes: who reads it can't end what somebody else began. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The name this browser has for us, or null. It says nothing of who sits there. */
export function browserSession(request: Request, cookie: string): string | null {
  const value = cookieOf(request, cookie);
  return SECRET.test(value) ? value : null;
}

/** Gives the browser its name, as long as it may be away. */
export function browserCookie(cookie: string, session: string): string {
  return hostCookie(cookie, session, AWAY_SECONDS);
}
