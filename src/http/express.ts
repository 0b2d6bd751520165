import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';
import { answerRead, sendProblem, type ReadRequest } from './read-request.ts';

/** What of a Quittance the adapter needs. */
export interface Mountable {
  fetch: (request: Request) => Promise<Response>;
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  handles: (method: string, path: string) => boolean;
}

/** A request after Express and whatever ran before us. */
type ExpressRequest = ReadRequest & { body?: unknown };

/**
 * Mounts a Quittance in an Express 4 or 5 application: `app.use(expressQuittance(quittance))`. Requests for
 * other addresses go on to the next handler.
 * Mount it before `express.json()`: a signature is over the bytes, and a parsed body has none. Where that
 * happened all the same, webhooks are answered 500 with code `raw_body_missing`, which Stripe repeats.
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
    sendProblem(response, RAW_BODY_MISSING);
  };
}

const RAW_BODY_MISSING: Problem = {
  status: 500,
  code: 'raw_body_missing',
  detail:
    'The body was parsed before it reached Quittance, so its signature can not be checked. ' +
    'Mount expressQuittance() before express.json() and other body parsers.',
};
