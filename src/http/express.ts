import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemHeaders, problemText, type Problem } from './problem.ts';

/** What of a Quittance the adapter needs. */
export interface Mountable {
  fetch: (request: Request) => Promise<Response>;
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  handles: (method: string, path: string) => boolean;
  /** True for addresses that the extension of a Stripe App calls. */
  isSigned?: (path: string) => boolean;
}

/** A request after Express and whatever ran before us. */
type ExpressRequest = IncomingMessage & { body?: unknown };

/**
 * Mounts a Quittance in an Express 4 or 5 application: `app.use(expressQuittance(quittance))`. Requests for
 * other addresses go on to the next handler.
 * Mount it before `express.json()`: a signature is over the bytes, and a parsed body has none. Where that
 * happened all the same, webhooks are answered 500 with code `raw_body_missing`, which Stripe repeats, and
 * requests of an app's extension 400 with code `body_parsed`.
 */
export function expressQuittance(
  quittance: Mountable,
): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const { listener } = quittance;
  return (request: ExpressRequest, response, next) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (!quittance.handles(request.method ?? 'GET', path)) return next();
    if (!request.readableEnded) return listener(request, response);
    if (Buffer.isBuffer(request.body)) return void replay(quittance, request, request.body, response);
    if (request.method === 'GET' || request.method === 'HEAD') return listener(request, response);
    send(response, quittance.isSigned?.(path) ? BODY_PARSED : RAW_BODY_MISSING);
  };
}

// `express.raw()` ran first: the bytes are there, only the stream is used up.
async function replay(
  quittance: Mountable,
  request: ExpressRequest,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  // Without the prefix that Express took off, as `handles` saw it.
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  try {
    const answer = await quittance.fetch(
      new Request(url, { method: request.method ?? 'POST', headers, body: new Uint8Array(body) }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    response.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function send(response: ServerResponse, problem: Problem): void {
  response.writeHead(problem.status, problemHeaders(problem));
  response.end(problemText(problem));
}

const RAW_BODY_MISSING: Problem = {
  status: 500,
  code: 'raw_body_missing',
  detail:
    'The body was parsed before it reached Quittance, so its signature can not be checked. ' +
    'Mount expressQuittance() before express.json() and other body parsers.',
};

const BODY_PARSED: Problem = {
  ...RAW_BODY_MISSING,
  status: 400,
  code: 'body_parsed',
  // As on every answer of such an address: without it the extension could not read what is wrong.
  headers: { 'access-control-allow-origin': '*' },
};
