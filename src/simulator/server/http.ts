import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { chmodSync, rmSync } from 'node:fs';
import { QuittanceError, describeError } from '../../errors.ts';

/** Larger than anything Stripe takes but files. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Longer than any client keeps an idle connection, so that it is never the server which closes first. */
const KEEP_ALIVE_MS = 120_000;

/** One HTTP request, read to its end. */
export interface WebRequest {
  method: string;
  /** Without the query, not decoded. */
  path: string;
  query: string;
  headers: IncomingMessage['headers'];
  /** As UTF-8; an upload's bytes one to one as Latin-1, since a file is no text. */
  body: string;
}

export interface WebAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** Answers a request; `null` cuts the connection without an answer. */
export type Handler = (request: WebRequest) => Promise<WebAnswer | null>;

/** Takes over the connection of a request that wants another protocol, such as a websocket. */
export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Where to listen: a port (0 takes a free one) on a host, or a socket file. */
export interface Address {
  port: number;
  host: string;
  unixSocket: string | undefined;
}

export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** Serves HTTP until closed. A taken port is an error that says what to do. */
export async function listen(
  handler: Handler,
  address: Address,
  warn: (text: string) => void,
  upgrade?: OnUpgrade,
): Promise<Listening> {
  const { port, host, unixSocket } = address;
  const first = await open(handler, { port, host }, warn, upgrade);
  const servers = [first];
  if (unixSocket !== undefined) {
    rmSync(unixSocket, { force: true });
    servers.push(await open(handler, { path: unixSocket }, warn, upgrade));
    chmodSync(unixSocket, 0o600);
  }
  const bound = first.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    close: async () => {
      await Promise.all(servers.map((server) => shut(server)));
    },
  };
}

type Where = { port: number; host: string } | { path: string };

function open(
  handler: Handler,
  where: Where,
  warn: (text: string) => void,
  upgrade: OnUpgrade | undefined,
): Promise<Server> {
  const server = createServer((request, response) => {
    serve(handler, request, response).catch((thrown: unknown) => {
      warn(`${request.method} ${request.url?.split('?')[0]} failed: ${describeError(thrown)}`);
      if (thrown instanceof Error && thrown.stack) warn(thrown.stack);
      fail(response, thrown);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  if (upgrade) server.on('upgrade', upgrade);
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explain(cause, where)));
    server.listen(where, () => resolve(server));
  });
}

/** A mistake of ours is an answer too: a cut connection would be tried again and again. */
function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) return void response.destroy();
  const message = `The simulator failed inside: ${describeError(thrown)}`;
  response
    .writeHead(500, { 'content-type': 'application/json' })
    .end(`${JSON.stringify({ error: { type: 'api_error', message } }, null, 2)}\n`);
}

function explain(cause: NodeJS.ErrnoException, where: Where): Error {
  if (cause.code !== 'EADDRINUSE') return cause;
  const place = 'path' in where ? `Socket ${where.path}` : `Port ${where.port} on ${where.host}`;
  const message =
    `${place} is taken, perhaps by another simulator: stop that one, or choose another port with --port ` +
    '(0 takes any free port).';
  return new QuittanceError({ code: 'port_taken', message, cause });
}

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await read(request);
  if (body === null) {
    response
      .writeHead(413, { 'content-type': 'text/plain', connection: 'close' })
      .end('Request body too large.');
    return;
  }
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const answer = await handler({
    method: request.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers: request.headers,
    body,
  });
  if (!answer) {
    request.socket.resetAndDestroy();
    return;
  }
  const text = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': text.length });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** The whole body as text, or null when there is too much of it. */
function read(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const upload = request.headers['content-type']?.startsWith('multipart/form-data') === true;
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) resolve(null);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString(upload ? 'latin1' : 'utf8')));
    request.on('error', reject);
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
