import type { JsError } from './protocol.ts';

/** The simulator's API as a browser uses it: with the publishable key, in forms. */
export interface BrowserApi {
  base: string;
  key: string;
  /** The connected account that is acted on, when it is not the key's own. */
  account: string | undefined;
  get: (path: string, params?: Record<string, unknown>) => Promise<ApiResult>;
  post: (path: string, params?: Record<string, unknown>) => Promise<ApiResult>;
}

/** An object, or an error in the form that Stripe.js hands to the page. */
export type ApiResult = { ok: true; body: ApiObject } | { ok: false; error: JsError };

export interface ApiObject {
  id: string;
  object: string;
  [field: string]: unknown;
}

/**
 * Connects to the API at `base`. `account` is the connected account that `Stripe(key, {stripeAccount})`
 * names.
 */
export function connect(base: string, key: string, account?: string): BrowserApi {
  const send = async (method: string, path: string, params: Record<string, unknown>): Promise<ApiResult> => {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (account !== undefined) headers['stripe-account'] = account;
    const form = encode(params);
    const init: RequestInit = { method, headers };
    if (method === 'POST') {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      init.body = form;
    }
    const query = method === 'GET' && form !== '' ? `?${form}` : '';
    try {
      const answer = await fetch(`${base}${path}${query}`, init);
      const body = (await answer.json()) as ApiObject & { error?: JsError };
      return answer.ok ? { ok: true, body } : { ok: false, error: body.error ?? unreachable() };
    } catch {
      return { ok: false, error: unreachable() };
    }
  };
  return {
    base,
    key,
    account,
    get: (path, params = {}) => send('GET', path, params),
    post: (path, params = {}) => send('POST', path, params),
  };
}

function unreachable(): JsError {
  const message =
    'We are experiencing issues connecting to our payments provider. You have not been charged.';
  return { type: 'api_connection_error', message };
}

/** Nested values with brackets, as Stripe's forms have them; null and undefined are left out. */
export function encode(params: Record<string, unknown>): string {
  const form = new URLSearchParams();
  const put = (name: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) put(`${name}[${key}]`, inner);
    else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  };
  for (const [name, value] of Object.entries(params)) put(name, value);
  return form.toString();
}
