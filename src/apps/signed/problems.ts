import { isAway } from '../../db/away.ts';
import { QuittanceError } from '../../errors.ts';
import type { Problem } from '../../http/problem.ts';
import { stripeFailure, stripeRefusal } from '../../stripe/failures.ts';
import { TOLERANCE_SECONDS } from '../../stripe/signature.ts';

/** Stripe hands out URLs with what is to be signed, so it is short; what goes with it by hash need not be. */
export const APP_BODY_BYTES_MAX = 256 * 1024;
const RETRY_AFTER_SECONDS = 5;
export const FORBIDDEN = 403;

export const WRONG_METHOD: Problem = {
  status: 405,
  code: 'method_not_allowed',
  detail: 'This address takes POST only.',
  headers: { allow: 'POST, OPTIONS' },
};

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'not_configured',
  detail: "The app's signing secret is not configured: set STRIPE_APP_SECRET to the absec_… of the app.",
};

export const BUSY: Problem = {
  status: 503,
  code: 'busy',
  detail: 'Too many large requests at once. Try again later.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

const STORAGE_UNAVAILABLE: Problem = {
  status: 503,
  code: 'storage_unavailable',
  detail: 'The database does not answer, so it can not be told whether this request is new. Try again later.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

export const TOO_LARGE: Problem = {
  status: 413,
  code: 'body_too_large',
  detail: `The body is larger than ${APP_BODY_BYTES_MAX / 1024} KiB.`,
};

export const CUT_SHORT = bad('body_cut_short', 'The body ended before its announced length.');

export const BODY_PARSED = bad(
  'body_parsed',
  'The body was parsed before it reached Quittance, so its signature can not be checked. ' +
    'Nothing may read it first: mount Quittance before express.json() and other body parsers.',
);

export const MISSING_SIGNATURE = bad(
  'missing_signature',
  'The Stripe-Signature header is missing: send what fetchStripeSignature gave.',
);

export const INVALID_SIGNATURE = bad(
  'invalid_signature',
  "The signature fits none of the app's secrets: check that STRIPE_APP_SECRET belongs to this app, and " +
    'that the body is byte for byte what was signed.',
);

export const WRONG_SECRET_KIND = bad(
  'wrong_secret_kind',
  'This is signed with a secret of a webhook (whsec_…). What the extension sends is signed with the secret ' +
    'of the app (absec_…); webhooks go to /api/webhook and /api/webhook/connect.',
);

export const STALE = bad(
  'stale_signature',
  `The signature is right but more than ${TOLERANCE_SECONDS} seconds old: fetch a new one.`,
);

export const CLOCK = bad(
  'clock',
  `The signature is right but more than ${TOLERANCE_SECONDS} seconds in the future: ` +
    'the clock of this server runs slow.',
);

export const REPLAYED = bad(
  'replayed',
  'This request was received before, and each is good once: sign it anew.',
);

export const ROLE_MISSING: Problem = {
  status: FORBIDDEN,
  code: 'role_missing',
  detail: 'The user does not have, or did not show, a role that this needs (stripe_roles).',
};

/** The body is not of the form. */
export function invalidBody(detail: string): Problem {
  return bad('invalid_body', detail);
}

/** Fields are missing. */
export function lacking(names: readonly string[], hint = ''): Problem {
  const words = names.map((name) => `"${name}"`).join(', ');
  return invalidBody(`The signed object lacks ${words}.${hint}`);
}

/** Something of the request is not covered by the signature. */
export function unsignedField(detail: string): Problem {
  return bad('unsigned_field', detail);
}

/** The fields are the right ones, their order is not. */
export function keyOrder(keys: readonly string[]): Problem {
  return bad(
    'key_order',
    `The order of the fields is part of what is signed. It has to be: ${keys.join(', ')}.`,
  );
}

/** Signed for another place than it came to. */
export function mismatch(what: 'path' | 'method', signed: string, received: string): Problem {
  return bad(`${what}_mismatch`, `This was signed for the ${what} "${signed}", and came to "${received}".`);
}

export function otherMode(livemode: boolean): Problem {
  const [ours, theirs] = livemode ? ['live', 'test'] : ['test', 'live'];
  return bad('other_mode', `This server is for ${ours} mode, and the request is of ${theirs} mode.`);
}

/** What a database that is away means here. Throws what is none of that. */
export function ofStorage(error: unknown): Problem {
  if (isAway(error)) return STORAGE_UNAVAILABLE;
  throw error;
}

/**
 * What an error that a handler threw means to who sent the request, or null when it is none of Stripe's. A
 * permission that the user, or the app on their account, lacks is passed on with Stripe's code.
 */
export function ofHandler(error: unknown): Problem | null {
  if (error instanceof QuittanceError) {
    if (error.code === 'stripe_unavailable') return STRIPE_UNAVAILABLE;
    const isBarred = error.code === 'not_installed' || error.code === 'not_authorized';
    return isBarred ? { status: FORBIDDEN, code: error.code, detail: error.message } : null;
  }
  const failure = stripeFailure(error);
  if (failure === null) return null;
  if (failure !== 'rejected') return STRIPE_UNAVAILABLE;
  const { status, code, message } = stripeRefusal(error);
  const detail = `Stripe refused: ${message.replace(KEYS, '…')}`;
  if (status === FORBIDDEN) return { status, code: code ?? 'permission_denied', detail };
  return { status: 502, code: 'stripe_rejected', detail, extra: { stripe_code: code } };
}

const STRIPE_UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer, or not now. Try again later.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

// Stripe names the key that a call was made with, masked for the most part.
const KEYS = /\b(?:sk|rk|ek|pk)_(?:test|live)_[\w*.]+|\b(?:whsec|absec)_[\w*.]+/g;

function bad(code: string, detail: string): Problem {
  return { status: 400, code, detail };
}
