import type { IncomingHttpHeaders } from 'node:http';
import { StripeError } from './errors.ts';

/** Who asks: which kind of key, and the mode that the key belongs to. */
export interface Caller {
  key: string;
  kind: 'secret' | 'publishable';
  livemode: boolean;
}

const KEY = /^(sk|rk|rkcs|pk|ek)_(test|live)_\w+$/;
const KEY_CHARS_SHOWN = 4;

const NO_KEY =
  'You did not provide an API key. You need to provide your API key in the Authorization header, using ' +
  'Bearer auth ' +
  "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for " +
  'details, or ' +
  'we can help at https://support.stripe.com/.';

const PUBLISHABLE =
  'This API call cannot be made with a publishable API key. Please use a secret API key. You can find ' +
  'a list of your ' +
  'API keys at https://dashboard.stripe.com/account/apikeys.';

/**
 * What a page in a buyer's browser may call with the publishable key; everything else needs the secret one.
 */
const PUBLISHABLE_ROUTES = [
  /^POST \/v1\/(payment_methods|tokens|confirmation_tokens)$/,
  /^GET \/v1\/(payment|setup)_intents\/[^/]+$/,
  /^POST \/v1\/(payment|setup)_intents\/[^/]+\/confirm$/,
  /^(GET|POST) \/v1\/payment_pages\/[^/]+(\/confirm)?$/,
  /^GET \/v1\/confirmation_tokens\/[^/]+$/,
];

/**
 * Finds the caller from `Authorization` (Bearer or Basic) or, as Stripe.js sends it, from the parameter
 * `key`. Any well-formed key is accepted: nothing here is worth protecting, and tests need no set-up.
 */
export function authenticate(headers: IncomingHttpHeaders, keyParam: string | undefined): Caller {
  const key = keyParam ?? keyFrom(headers.authorization);
  if (key === undefined || key === '') throw unauthorized(NO_KEY);
  const parts = KEY.exec(key);
  if (!parts) throw unauthorized(`Invalid API Key provided: ${mask(key)}`);
  return { key, kind: parts[1] === 'pk' ? 'publishable' : 'secret', livemode: parts[2] === 'live' };
}

/** Refuses a publishable key on a route that needs a secret one. */
export function allow(caller: Caller, method: string, path: string): void {
  if (caller.kind === 'secret' || PUBLISHABLE_ROUTES.some((route) => route.test(`${method} ${path}`))) return;
  throw new StripeError(PUBLISHABLE, {
    status: 403,
    type: 'invalid_request_error',
    code: 'secret_key_required',
    validation: true,
  });
}

/** As Stripe shows a key that it does not know: the beginning and the last four characters. */
export function mask(key: string): string {
  const hidden = key.length - KEY_CHARS_SHOWN * 2;
  if (hidden <= 0) return '*'.repeat(key.length);
  const start = /^[a-z]+_(test|live)_/.exec(key)?.[0] ?? key.slice(0, KEY_CHARS_SHOWN);
  return `${start}${'*'.repeat(Math.max(4, hidden))}${key.slice(-KEY_CHARS_SHOWN)}`;
}

function keyFrom(header: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
}

function unauthorized(message: string): StripeError {
  return new StripeError(message, { status: 401, type: 'invalid_request_error', validation: true });
}
