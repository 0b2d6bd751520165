import { handleControl } from './control/control.ts';
import type { Deliveries } from './events/deliveries.ts';
import { RequestLog } from './control/request-log.ts';
import type { Engine } from './realm.ts';
import type { Api, ApiAnswer } from './server/api.ts';
import type { Handler, WebAnswer, WebRequest } from './server/http.ts';
import type { Timekeeper } from './time/timekeeper.ts';

/** The parts that answer HTTP. */
export interface SiteParts {
  engine: Engine;
  api: Api;
  deliveries: Deliveries;
  timekeeper: Timekeeper;
  redirectWaitMs: number;
  log: (line: string) => void;
}

const API_PATH = /^\/(v1|v2|oauth)\//;

/** What a page in a browser may send and read; Stripe's API allows every origin. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, stripe-account, stripe-version',
  'access-control-expose-headers': 'request-id, stripe-version, idempotent-replayed',
  'access-control-max-age': '300',
};

/** Everything the simulator serves, by the beginning of the path. */
export function makeSite(parts: SiteParts): Handler {
  const requests = new RequestLog(parts.engine.clock);
  return async (request) => {
    const { path } = request;
    if (API_PATH.test(path)) return answerApi(parts, requests, request);
    if (path.startsWith('/_sim/')) return handleControl(parts, requests, request);
    return text(404, 'Nothing here. The API is below /v1 and /v2, the control API below /_sim/api.\n');
  };
}

async function answerApi(
  parts: SiteParts,
  requests: RequestLog,
  request: WebRequest,
): Promise<WebAnswer | null> {
  const { api, engine, log } = parts;
  const { method, path } = request;
  if (method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  const cut = engine.faults.connection(method, path);
  if (cut === 'before') return null;
  const started = performance.now();
  const answer = await api.answer(request);
  const ms = performance.now() - started;
  requests.add(request, answer, ms);
  log(`${method} ${path} ${answer.status} ${ms.toFixed(1)} ms`);
  return cut === 'after' ? null : asWeb(request, answer);
}

function asWeb(request: WebRequest, { status, body, headers }: ApiAnswer): WebAnswer {
  const cors = request.headers.origin === undefined ? {} : CORS;
  const answer = {
    ...headers,
    'content-type': 'application/json',
    'cache-control': 'no-cache, no-store',
    ...cors,
  };
  return { status, headers: answer, body: JSON.stringify(body, null, 2) };
}

function text(status: number, body: string): WebAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
