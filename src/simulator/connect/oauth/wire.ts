import type { ApiAnswer } from '../../server/api.ts';
import type { WebRequest } from '../../server/http.ts';

const ROUTE = /^\/(oauth|v1\/oauth)\//;
const OWN_CODES = /^(invalid_(grant|client|request|scope)|unsupported_(grant|response)_type)$/;

/** OAuth's clients may send their secret key as `client_secret`, as RFC 6749 section 2.3.1 has it. */
export function fromOAuthClient(request: WebRequest): WebRequest {
  if (!ROUTE.test(request.path) || request.method !== 'POST') return request;
  const form = new URLSearchParams(request.body);
  const secret = form.get('client_secret');
  form.delete('client_secret');
  // The client of Connect knows no such parameter.
  if (request.path === '/oauth/token') form.delete('client_id');
  const headers =
    secret === null ? request.headers : { ...request.headers, authorization: `Bearer ${secret}` };
  return { ...request, headers, body: form.toString() };
}

/** OAuth's errors are two fields at the top: RFC 6749 section 5.2. */
export function asOAuth(request: WebRequest, answer: ApiAnswer): ApiAnswer {
  if (!ROUTE.test(request.path) || answer.status < 400) return answer;
  const { code, message } = answer.body['error'] as { code?: string; message: string };
  const own = code !== undefined && OWN_CODES.test(code) ? code : undefined;
  const error = own ?? (answer.status === 401 ? 'invalid_client' : 'invalid_request');
  return { ...answer, body: { error, error_description: message } };
}
