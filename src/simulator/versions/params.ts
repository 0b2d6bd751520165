import type { Operation } from '../contract/contract.ts';
import { StripeError } from '../server/errors.ts';
import { elements, type FormObject } from '../server/form.ts';

/** From this version on, payment and setup intents choose their methods themselves. */
const DYNAMIC_METHODS = '2026-09-30';
const INTENTS = /^\/v1\/(payment|setup)_intents(\/\{\}(\/confirm)?)?$/;
const TAKES_METHOD_TYPES = /^\/v1\/((payment|setup)_intents(\/\{\}(\/confirm)?)?|checkout\/sessions)$/;

/** Refuses, in Stripe's words, a parameter that the request's version no longer has. */
export function refuseRemoved(operation: Operation, form: FormObject, version: string): void {
  if (!('payment_method_types' in form) || version < DYNAMIC_METHODS) return;
  if (operation.method !== 'POST' || !INTENTS.test(operation.path)) return;
  const message =
    'The `payment_method_types` parameter is no longer supported. Stripe chooses the payment methods ' +
    'that you have ' +
    'enabled in your Dashboard; use `allowed_payment_method_types` or `excluded_payment_method_types` ' +
    'to narrow them.';
  throw new StripeError(message, {
    status: 400,
    type: 'invalid_request_error',
    code: 'payment_method_types_no_longer_supported',
    param: 'payment_method_types',
    validation: true,
  });
}

/** Takes parameters out of the form that only older versions have; the contract would not know them. */
export function takeLegacy(operation: Operation, form: FormObject, version: string): Record<string, unknown> {
  const types = form['payment_method_types'];
  const old =
    version < DYNAMIC_METHODS && operation.method === 'POST' && TAKES_METHOD_TYPES.test(operation.path);
  if (!old || typeof types !== 'object') return {};
  delete form['payment_method_types'];
  return { payment_method_types: elements(types) };
}
