import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';
import { answerRead, sendProblem } from './read-request.ts';

/** A request as Google's functions framework, and Firebase's `onRequest`, hand it on. */
export type CloudRequest = IncomingMessage & { rawBody?: Buffer | undefined };

/**
 * A Quittance as a Cloud Function: `http('quittance', cloudFunction(quittance))`, or Firebase's `onRequest`.
 * A function runs only while it answers, so let it receive and work elsewhere: `start({ work: false })`.
 * A request with a body needs `rawBody`, the bytes that were signed; without it: 500 `raw_body_missing`.
 */
export function cloudFunction(quittance: {
  fetch: (request: Request) => Promise<Response>;
}): (request: CloudRequest, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    if (hasBody && !request.rawBody && request.headers['content-length'] !== '0') {
      return sendProblem(response, RAW_BODY_MISSING);
    }
    return answerRead(quittance.fetch, request, hasBody ? (request.rawBody ?? null) : null, response);
  };
}

const RAW_BODY_MISSING: Problem = {
  status: 500,
  code: 'raw_body_missing',
  detail:
    'The request came without "rawBody", so its signature can not be checked. ' +
    'Run it with the functions framework, or mount Quittance another way.',
};
