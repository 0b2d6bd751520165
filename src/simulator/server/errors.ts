import type { StripeObject } from '../store/store.ts';

/** The four types that Stripe's errors have. */
type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

/** What stands under `error` in Stripe's answer; see docs.stripe.com/api/errors. */
export interface ErrorBody {
  type: ErrorType;
  message: string;
  code?: string | undefined;
  param?: string | undefined;
  decline_code?: string | undefined;
  advice_code?: string | undefined;
  network_decline_code?: string | undefined;
  charge?: string | undefined;
  payment_intent?: StripeObject | undefined;
  payment_method?: StripeObject | undefined;
  payment_method_type?: string | undefined;
  setup_intent?: StripeObject | undefined;
  doc_url?: string | undefined;
}

interface StripeErrorOptions extends Omit<ErrorBody, 'message' | 'doc_url'> {
  status: number;
  /** A declined card changes the payment before it is refused; everything else is undone. */
  keepsChanges?: boolean;
  /** The request was refused before anything ran, so its idempotency key stays unused. */
  validation?: boolean;
}

/** An answer that Stripe gives as an error. */
export class StripeError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly keepsChanges: boolean;
  readonly validation: boolean;

  constructor(message: string, { status, keepsChanges, validation, ...rest }: StripeErrorOptions) {
    super(message);
    this.name = 'StripeError';
    this.status = status;
    this.keepsChanges = keepsChanges === true;
    this.validation = validation === true;
    this.body = { ...rest, message, doc_url: docUrl(rest.code) };
  }
}

export interface Complaint {
  code?: string | undefined;
  param?: string | undefined;
  status?: number;
}

/** A parameter that Stripe refuses before it starts: nothing is stored, the idempotency key stays free. */
export function badParameter(message: string, { status = 400, ...rest }: Complaint = {}): StripeError {
  return new StripeError(message, { status, type: 'invalid_request_error', validation: true, ...rest });
}

/** A request that is well formed but can't be done in the present state. */
export function refused(message: string, { status = 400, ...rest }: Complaint = {}): StripeError {
  return new StripeError(message, { status, type: 'invalid_request_error', ...rest });
}

export function missingParameter(param: string): StripeError {
  return badParameter(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

export function unknownParameters(params: string[]): StripeError {
  const noun = params.length === 1 ? 'parameter' : 'parameters';
  const message = `Received unknown ${noun}: ${params.join(', ')}`;
  return badParameter(message, { code: 'parameter_unknown', param: params[0] });
}

/** Stripe answers 404 for an object that the path names, and 400 for one that a parameter names. */
export function noSuch(
  noun: string,
  id: string,
  param = 'id',
  status = param === 'id' ? 404 : 400,
): StripeError {
  return refused(`No such ${noun}: '${id}'`, { code: 'resource_missing', param, status });
}

/** What Stripe calls a kind in "No such …": its name, with two exceptions. */
export function nounOf(kind: string): string {
  if (kind === 'payment_method') return 'PaymentMethod';
  return kind === 'setup_intent' ? 'setupintent' : kind;
}

export function noSuchRoute(method: string, path: string): StripeError {
  const message =
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
    'https://support.stripe.com/.';
  return badParameter(message, { status: 404 });
}

function docUrl(code: string | undefined): string | undefined {
  // The one code that stands for every wrong field of /v2 has no page there.
  if (code === 'invalid_fields') return undefined;
  return code && `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}
