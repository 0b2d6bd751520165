import { createHmac, timingSafeEqual } from 'node:crypto';
import { unixSeconds, type Clock } from '../clock.ts';
import type { Secrets } from '../vault/vault.ts';

/** What a token opens. One for one purpose opens nothing of another. */
export type TokenPurpose =
  /** `GET /connect/onboard/:seller`, for the seller. */
  | 'onboard'
  /** The addresses Stripe sends a seller back to: the page that tells the state, */
  | 'return'
  /** and the one that mints a new link. */
  | 'refresh'
  /** `GET /connect/oauth/authorize`, for the seller. */
  | 'authorize'
  /** Entering the seller's own page, and being there. */
  | 'seller'
  | 'seller_session'
  /** Entering the pages of the platform's staff, being there, and doing something there. */
  | 'staff'
  | 'staff_session'
  | 'form';

/** How long each is good, in seconds: short what a person is sent, longer the way back from Stripe. */
export const TOKEN_SECONDS: Record<TokenPurpose, number> = {
  onboard: 60 * 60,
  // Somebody who looks for a passport in the middle of Stripe's form comes back hours later.
  return: 24 * 60 * 60,
  refresh: 24 * 60 * 60,
  authorize: 60 * 60,
  seller: 15 * 60,
  seller_session: 60 * 60,
  staff: 5 * 60,
  staff_session: 8 * 60 * 60,
  form: 8 * 60 * 60,
};

/** What a token is for: one seller's id, or the id of a session. */
export interface TokenTarget {
  purpose: TokenPurpose;
  subject: string;
}

export type TokenVerdict = 'good' | 'expired' | 'forged';

const TOKEN = /^(\d{10})\.([\w-]{43})$/;

/**
 * A signed token: `<last second it is good, Unix>.<HMAC-SHA256 over purpose, subject and that second>`. It
 * follows from `QUITTANCE_SECRET`, so nothing is stored and every process knows it.
 */
export function signToken(
  secret: string,
  target: TokenTarget,
  clock: Clock,
): { token: string; expiresAt: Date } {
  const expires = unixSeconds(clock) + TOKEN_SECONDS[target.purpose];
  return { token: `${expires}.${macOf(secret, target, expires)}`, expiresAt: new Date(expires * 1000) };
}

/**
 * Compares in constant time, with secrets of before too. Only a token of ours is called expired; everything
 * else is forged.
 */
export function checkToken(
  { secret, previousSecrets }: Secrets,
  target: TokenTarget,
  token: string | undefined,
  clock: Clock,
): TokenVerdict {
  const [, seconds = '', mac = ''] = TOKEN.exec(token ?? '') ?? [];
  if (mac === '') return 'forged';
  const expires = Number(seconds);
  const isOf = (each: string): boolean =>
    timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(each, target, expires)));
  if (![secret, ...previousSecrets].some(isOf)) return 'forged';
  return unixSeconds(clock) > expires ? 'expired' : 'good';
}

// The line break can't stand in a purpose or an id of ours, so no two targets have one text.
function macOf(secret: string, { purpose, subject }: TokenTarget, expires: number): string {
  return createHmac('sha256', secret)
    .update(`connect\n${purpose}\n${subject}\n${expires}`)
    .digest('base64url');
}
