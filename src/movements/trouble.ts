import { isKeyMismatch, stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import type { Movement } from './movement.ts';
import type { Trouble } from './rows.ts';

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const DEPENDENCY_FAILED = 424;
const WORDS_MAX = 500;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * What a failed call means. `again`: it may or may not have happened; the same key tells. `new_key`: the key
 * stands for an error now, so the next try takes another after looking. `short`: there is not money enough
 * yet. `unready`: the receiver may take none at present, and what is theirs waits for them. `blocked`:
 * nothing can be moved until a person has seen to our key. `refused`: never.
 */
export type Setback = 'again' | 'new_key' | 'short' | 'unready' | 'blocked' | 'refused';

// The seller fell between the payment and its transfer: the account is restricted, or not ours any more.
const RECEIVER_UNREADY = new Set(['insufficient_capabilities_for_transfer', 'account_invalid']);

/** Null when the error is not one of Stripe's client. */
export function setbackOf(error: unknown, movement: Movement): Setback | null {
  const failure = stripeFailure(error);
  if (failure === null) return null;
  if (failure === 'unreachable' || failure === 'rate_limited') return 'again';
  const { code, status } = stripeRefusal(error);
  if (movement.kind === 'transfer' && RECEIVER_UNREADY.has(String(code))) return 'unready';
  // Stripe repeats these for the key. A mismatch means that another version of us has used it otherwise.
  if (failure === 'server_error' || status === DEPENDENCY_FAILED || isKeyMismatch(error)) return 'new_key';
  if (status === UNAUTHORIZED) return 'blocked';
  // An account that is not connected any more is no matter of our key.
  if (status === FORBIDDEN && code !== 'account_invalid') return 'blocked';
  const waits = movement.kind === 'transfer' || movement.kind === 'reversal';
  return waits && code === 'balance_insufficient' ? 'short' : 'refused';
}

/** Stripe's code and words, fit to be stored. */
export function troubleOf(error: unknown): Trouble {
  const { code, message, param, status } = stripeRefusal(error);
  return {
    code: code ?? (param ? `invalid_${param}` : `status_${status ?? 'none'}`),
    message: wordsOf(message),
  };
}

/** As much of a text as is kept, without what PostgreSQL does not take. */
export function wordsOf(text: string): string {
  return text.replaceAll('\0', '�').slice(0, WORDS_MAX);
}

/** How long to wait, by what happened: the first time and at most, doubled each time in between. */
const WAITS: Record<Exclude<Setback, 'refused'> | 'unsure', { first: number; most: number }> = {
  again: { first: 5, most: 30 * MINUTE_SECONDS },
  new_key: { first: 30, most: HOUR_SECONDS },
  // Money that was earned becomes available within days.
  short: { first: 10 * MINUTE_SECONDS, most: 6 * HOUR_SECONDS },
  unready: { first: HOUR_SECONDS, most: 12 * HOUR_SECONDS },
  blocked: { first: 5 * MINUTE_SECONDS, most: HOUR_SECONDS },
  unsure: { first: HOUR_SECONDS, most: 6 * HOUR_SECONDS },
};

/** Seconds until the next try; `random` from 0 to 1 spreads those that failed together. */
export function waitSeconds(setback: keyof typeof WAITS, postponed: number, random: number): number {
  const { first, most } = WAITS[setback];
  return Math.min(first * 2 ** Math.min(postponed, 20), most) * (0.75 + random / 2);
}
