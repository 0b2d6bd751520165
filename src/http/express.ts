import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';
import { answerRead, sendProblem } from './read-request.ts';

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
    // `express.raw()` ran first: the bytes are there, only the stream is used up.
    const { body, method } = request;
    if (Buffer.isBuffer(body)) return void answerRead(quittance.fetch, request, body, response);
    if (method === 'GET' || method === 'HEAD') return listener(request, response);
    sendProblem(response, quittance.isSigned?.(path) ? BODY_PARSED : RAW_BODY_MISSING);
  };
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
