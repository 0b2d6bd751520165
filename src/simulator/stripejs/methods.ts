import type { BrowserApi } from './api.ts';
import { Element, type Made } from './element.ts';
import type { Elements } from './elements.ts';
import type { BillingDetails, JsError } from './protocol.ts';

interface FromElements {
  elements?: Elements;
  params?: { billing_details?: BillingDetails; [param: string]: unknown };
  [detail: string]: unknown;
}

/** `createPaymentMethod`: of a group of elements, of one element, or of details that are no secret. */
export async function createMethod(api: BrowserApi, data: FromElements): Promise<Made<'paymentMethod'>> {
  const { elements, params, ...direct } = data;
  if (elements) return elements.createPaymentMethod(params?.billing_details ?? {});
  const element = Object.values(direct).find((value) => value instanceof Element);
  if (element) return element.createPaymentMethod(direct['billing_details'] ?? {});
  const made = await api.post('/v1/payment_methods', direct);
  return made.ok ? { paymentMethod: made.body } : { error: made.error };
}

/** `createConfirmationToken`: what was typed, kept until the server confirms with it. */
export async function createConfirmationToken(
  api: BrowserApi,
  { elements, params = {} }: FromElements,
): Promise<Made<'confirmationToken'>> {
  if (!elements) return { error: invalid('createConfirmationToken needs elements.') };
  if (elements.options.clientSecret === undefined && !elements.submitted)
    throw new Error(
      'IntegrationError: elements.submit() must be called before stripe.createConfirmationToken().',
    );
  const { payment_method_data: data, ...rest } = params as {
    payment_method_data?: { billing_details?: BillingDetails };
  };
  const made = await elements.createPaymentMethod(data?.billing_details ?? {});
  if ('error' in made) return made;
  const { shipping } = await elements.known();
  const token = await api.post('/v1/confirmation_tokens', {
    payment_method: made.paymentMethod.id,
    ...(shipping && { shipping }),
    ...rest,
  });
  return token.ok ? { confirmationToken: token.body } : { error: token.error };
}

/** `createToken`: of an element, or of a kind of details that is named in the call. */
export async function createToken(
  api: BrowserApi,
  what: unknown,
  data: unknown = {},
): Promise<Made<'token'>> {
  if (what instanceof Element) return what.createToken(data as Record<string, unknown>);
  if (what === 'cvc_update') {
    if (data instanceof Element) return data.createToken({ type: 'cvc_update' });
    return { error: invalid('createToken("cvc_update") needs a cardCvc Element.') };
  }
  const token = await api.post('/v1/tokens', { [String(what)]: data });
  return token.ok ? { token: token.body } : { error: token.error };
}

function invalid(message: string): JsError {
  return { type: 'invalid_request_error', message };
}
