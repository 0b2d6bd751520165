import type { WebAnswer, WebRequest } from '../server/http.ts';
import { StripeError } from '../server/errors.ts';
import type { SiteParts } from '../site.ts';
import { ControlError, type Control } from './control-call.ts';
import type { RequestLog } from './request-log.ts';
import { CONTROL_ROUTES } from './routes.ts';

/** The control API, `/_sim/api/…`: JSON in, JSON out. What it can do stands in routes.ts. */
export async function handleControl(
  parts: SiteParts,
  requests: RequestLog,
  request: WebRequest,
): Promise<WebAnswer> {
  const path = request.path.replace(/^\/_sim\/api\/?/, '');
  try {
    refuseStrangers(request);
    const query = new URLSearchParams(request.query);
    const body = parseBody(request);
    return answer(200, await carryOut({ ...parts, requests, ids: [], query, body }, request.method, path));
  } catch (thrown) {
    if (thrown instanceof ControlError)
      return answer(thrown.status, { error: { code: thrown.code, message: thrown.message } });
    if (thrown instanceof StripeError) return answer(thrown.status, { error: thrown.body });
    throw thrown;
  }
}

/** Does what one route of the control API does; the page's buttons come this way too. */
export async function carryOut(control: Control, method: string, path: string): Promise<unknown> {
  for (const route of CONTROL_ROUTES) {
    const ids = route.method === method && match(route.path, path);
    if (ids) return route.run({ ...control, ids });
  }
  throw new ControlError(404, 'not_found', `The control API has no ${method} /_sim/api/${path}.`);
}

/**
 * A page that somebody visits must not be able to move the clock or read what is stored here: other origins
 * are refused, and so are names that were made to point at this machine.
 */
export function refuseStrangers({ headers }: WebRequest): void {
  const host = headers.host ?? '';
  const local = /^(localhost|127\.0\.0\.1|\[::1\]|api\.stripe\.com|\d+(\.\d+){3})(:\d+)?$/.test(host);
  const origin = headers.origin;
  if (local && (origin === undefined || origin === `http://${host}`)) return;
  throw new ControlError(
    403,
    'foreign_origin',
    'The control API only answers this machine and its own pages.',
  );
}

/** What stands at each `{}` of a pattern; undefined when the path does not fit it. */
export function match(pattern: string, path: string): string[] | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const ids: string[] = [];
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part === '{}' && value !== '') ids.push(decodeURIComponent(value));
    else if (part !== value) return undefined;
  }
  return ids;
}

function parseBody({ body }: WebRequest): Record<string, unknown> {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below, together with everything else that is no object.
  }
  throw new ControlError(400, 'invalid_json', 'The body must be a JSON object.');
}

function answer(status: number, body: unknown): WebAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, headers, body: `${JSON.stringify(body, null, 2)}\n` };
}
