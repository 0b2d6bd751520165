import * as oauth from 'oauth4webapi';
import { QuittanceError } from '../../errors.ts';

const TEXT_CHARACTERS_MAX = 300;
const TOO_MANY_REQUESTS = 429;
// RFC 6749, 4.1.2.1: what passes.
const PASSING: readonly string[] = ['temporarily_unavailable', 'server_error', 'slow_down'];

/**
 * Why a service gave no token. `grant_refused`: it does not take the code or refresh token (any more);
 * `client_refused`: it does not take us, and the operator has to look; `issuer_refused`: the answer is
 * another service's; `consent_refused`: the user, or the service for them, said no; `unavailable`: no answer
 * that can be read.
 */
export interface GrantFailure {
  kind: 'grant_refused' | 'client_refused' | 'issuer_refused' | 'consent_refused' | 'unavailable';
  /** For people; nothing secret. */
  words: string;
}

/** Throws what is not of the service's making. */
export function failureOf(error: unknown): GrantFailure {
  if (error instanceof oauth.AuthorizationResponseError) {
    return { kind: 'consent_refused', words: wordsOf(error) };
  }
  if (error instanceof oauth.ResponseBodyError) {
    const passes = error.status === TOO_MANY_REQUESTS || PASSING.includes(error.error);
    const kind = error.error === 'invalid_grant' ? 'grant_refused' : 'client_refused';
    return { kind: passes ? 'unavailable' : kind, words: wordsOf(error) };
  }
  // A challenge comes with 401: it does not know our client id, or our secret.
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return { kind: 'client_refused', words: `HTTP ${error.status}` };
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    // Its message is the library's; the cause may hold tokens.
    return { kind: 'unavailable', words: error.message };
  }
  if (error instanceof QuittanceError && error.code.startsWith('outbound_')) {
    return { kind: 'unavailable', words: error.message };
  }
  throw error;
}

/** The service's own words, cut short, on one line. */
function wordsOf({ error, error_description: text }: { error: string; error_description?: string }): string {
  const words = text ? `${error}: ${text}` : error;
  return words.slice(0, TEXT_CHARACTERS_MAX).replace(/\p{Cc}+/gu, ' ');
}
