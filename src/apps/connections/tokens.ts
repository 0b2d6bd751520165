import type { Clock } from '../../clock.ts';
import { QuittanceError } from '../../errors.ts';
import type { ConnectionTokens } from '../context.ts';

// A token that ends while a call is on its way is refused there.
const EARLY_MS = 30_000;
const TOKEN_CHARACTERS_MAX = 20_000;
// What a header may hold (RFC 9110, 5.5), without blanks.
const TOKEN = /^[\u0021-\u007e]+$/;

/** What the vault keeps of a connection. `refused`: the service takes none of it any more. */
export type Kept = { status: 'connected'; tokens: ConnectionTokens } | { status: 'refused' };

/** The same with the number that grows with each new value. */
export type Held = Kept & { version: number };

/** Good tokens and their number. */
export type Connected = Extract<Held, { status: 'connected' }>;

export function hasEnded({ expiresAt }: ConnectionTokens, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt * 1000 <= clock.now();
}

/** Ended, or about to. */
export function isStale({ expiresAt }: ConnectionTokens, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt * 1000 - EARLY_MS <= clock.now();
}

/** Throws `invalid_tokens`, which says nothing of what is in them. */
export function checkTokens({ accessToken, refreshToken, expiresAt }: ConnectionTokens): ConnectionTokens {
  if (!isToken(accessToken)) throw invalid('"accessToken" must be text that a header can hold');
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    throw invalid('"refreshToken" must be text without blanks, or left out');
  }
  if (expiresAt !== undefined && !Number.isInteger(expiresAt)) {
    throw invalid('"expiresAt" must be whole Unix seconds, or left out');
  }
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && value.length <= TOKEN_CHARACTERS_MAX && TOKEN.test(value);
}

function invalid(why: string): QuittanceError {
  return new QuittanceError({ code: 'invalid_tokens', message: `These tokens can't be used: ${why}.` });
}
