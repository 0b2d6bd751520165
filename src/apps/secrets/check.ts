import type { Clock } from '../../clock.ts';
import { QuittanceError } from '../../errors.ts';
import type { SecretScope } from '../context.ts';

/** Of each scope: the account's, and every user's (docs.stripe.com/stripe-apps/store-secrets). */
export const SECRETS_PER_SCOPE_MAX = 10;
// Stripe's is 5,000. It is part of a key of our database, and what one store takes the other has to take too.
const NAME_CHARACTERS_MAX = 255;
const PAYLOAD_CHARACTERS_MAX = 5_000;
// No control characters: PostgreSQL stores no NUL, and nobody can read the others.
const NAME = new RegExp(String.raw`^\P{Cc}{1,${NAME_CHARACTERS_MAX}}$`, 'u');
const USER = /^usr_\w{1,100}$/;

export interface NewSecret {
  payload: string;
  /** Unix seconds. */
  expiresAt: number | undefined;
}

/** Throws `invalid_secret` for a name or scope that can't be. */
export function checkPlace(name: string, { user }: SecretScope): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw invalid(`its name needs 1 to ${NAME_CHARACTERS_MAX} characters, none of them a control character`);
  }
  if (user !== undefined && !USER.test(user)) throw invalid('"user" must be the id of a user, usr_…');
}

/** Throws `invalid_secret` for what can't be kept. */
export function checkSecret({ payload, expiresAt }: NewSecret, clock: Clock): void {
  if (typeof payload !== 'string' || payload === '' || payload.length > PAYLOAD_CHARACTERS_MAX) {
    throw invalid(`its payload needs 1 to ${PAYLOAD_CHARACTERS_MAX} characters`);
  }
  if (expiresAt === undefined) return;
  if (!Number.isInteger(expiresAt) || expiresAt * 1000 <= clock.now()) {
    throw invalid('"expiresAt" must be a time to come, in whole Unix seconds');
  }
}

export function secretsFull({ user }: SecretScope): QuittanceError {
  const scope = user === undefined ? 'the account' : `the user ${user}`;
  return new QuittanceError({
    code: 'secrets_full',
    message: `There are ${SECRETS_PER_SCOPE_MAX} secrets of ${scope} already: delete one first.`,
  });
}

// Without the name: a payload that was given in its place would be told.
function invalid(why: string): QuittanceError {
  return new QuittanceError({
    code: 'invalid_secret',
    message: `This is no secret that can be kept: ${why}.`,
  });
}
