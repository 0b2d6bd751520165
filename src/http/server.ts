import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

// Stripe sends a whole event in milliseconds; who takes longer than this holds a socket for nothing.
export const HEADERS_MS_MAX = 5_000;
export const REQUEST_MS_MAX = 10_000;
// Node looks at its sockets this often, so one may live this much longer than it should.
export const CHECK_SOCKETS_MS = 1_000;
// Longer than the minute of the usual load balancers: who closes first must not be us.
const KEEP_ALIVE_MS = 65_000;

/** The server of production: with limits on how long a request may take to arrive. */
export function createHttpServer(
  listener?: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  return createServer(
    {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: CHECK_SOCKETS_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    listener,
  );
}
