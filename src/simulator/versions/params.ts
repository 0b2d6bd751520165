import type { Operation } from '../contract/contract.ts';
import type { Realm } from '../realm.ts';
import { StripeError, badParameter } from '../server/errors.ts';
import type { FormObject } from '../server/form.ts';
import { BASIL, ENDIVE } from './names.ts';
import { OLDER_ACCOUNT_PARAMS } from './older-accounts.ts';
import { OLDER_BILLING_PARAMS } from './older-billing-params.ts';
import type { OlderRequest } from './older-params.ts';
import { OLDER_PAYMENT_PARAMS } from './older-payment-params.ts';

/** Dates with the name that a release has since 2024, and what a preview adds; `; name=v1` names a beta. */
const VERSION = /^\d{4}-\d\d-\d\d(\.[a-z]+)?$/;
const DAY_CHARS = 'YYYY-MM-DD'.length;

const INTENTS = /^POST \/v1\/(payment|setup)_intents(\/\{\}(\/confirm)?)?$/;

const OLDER_PARAMS = [...OLDER_ACCOUNT_PARAMS, ...OLDER_PAYMENT_PARAMS, ...OLDER_BILLING_PARAMS];

/** Routes that have another name since; the parameters follow in the tables below them. */
const OLDER_ROUTES = [
  { before: BASIL, was: 'GET /v1/invoices/upcoming', is: ['POST', '/v1/invoices/create_preview'] },
] as const;

/** Under which method and path today's contract has what a version asks for. */
export function currentRoute(method: string, path: string, version: string): readonly [string, string] {
  const older = OLDER_ROUTES.find(({ before, was }) => version < before && was === `${method} ${path}`);
  return older?.is ?? [method, path];
}

/** The version that a request names, without the betas that it asks for; what is no version is refused. */
export function readVersion(named: string, newest: string): string {
  const version = (named.split(';')[0] ?? '').trim();
  if (isVersion(version, newest)) return version;
  throw badParameter(`Invalid Stripe API version: ${named.slice(0, 100)}`);
}

/**
 * Could this be a version of Stripe's API? Which dates had a release is not known here, so that any day will
 * do which there was before the newest; previews are not told of, and may be ahead of it.
 */
export function isVersion(version: string, newest: string): boolean {
  if (!VERSION.test(version)) return false;
  const day = version.slice(0, DAY_CHARS);
  const time = Date.parse(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
  return exists && (version <= newest || version.endsWith('.preview'));
}

/** Refuses, in Stripe's words, a parameter that the request's version no longer has. */
export function refuseRemoved(operation: Operation, form: FormObject, version: string): void {
  if (!('payment_method_types' in form) || version < ENDIVE) return;
  if (!INTENTS.test(`${operation.method} ${operation.path}`)) return;
  const message =
    'The `payment_method_types` parameter is no longer supported. Stripe chooses the payment methods ' +
    'that you have enabled in your Dashboard; use `allowed_payment_method_types` or ' +
    '`excluded_payment_method_types` to narrow them.';
  throw new StripeError(message, {
    status: 400,
    type: 'invalid_request_error',
    code: 'payment_method_types_no_longer_supported',
    param: 'payment_method_types',
    validation: true,
  });
}

/**
 * Turns the parameters of an older version into today's. What has no successor is taken out, since the
 * contract would not know it, and returned for the behaviour.
 */
export function modernize(
  about: { realm: Realm; operation: Operation; ids: string[] },
  form: FormObject,
  version: string,
): Record<string, unknown> {
  const { realm, operation, ids } = about;
  const route = `${operation.method} ${operation.path}`;
  const request: OlderRequest = { realm, ids, form };
  const kept: Record<string, unknown> = {};
  for (const { before, routes, today } of OLDER_PARAMS)
    if (version < before && routes.test(route)) Object.assign(kept, today(request));
  return kept;
}
