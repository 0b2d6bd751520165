import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { Outbound, type OutboundOptions } from '../../src/outbound/outbound.ts';

export const LIMIT_BYTES = 64 * 1024;

interface Seen {
  method: string;
  url: string;
  authorization: string | null;
  cookie: string | null;
  type: string | null;
  body: string;
}

/** Systems next to ours that must not hear of anything, and let themselves be heard when they do. */
export interface InnerSystem {
  port: number;
  otherPort: number;
  /** What they heard since the last `outbound`. */
  seen: Seen[];
  outbound: (options?: Partial<OutboundOptions>) => Outbound;
}

export function useInnerSystem(): InnerSystem {
  const servers: Server[] = [];
  const inner: InnerSystem = {
    port: 0,
    otherPort: 0,
    seen: [],
    outbound: (options) => {
      const made = new Outbound({ timeoutMs: 5_000, answerBytesMax: LIMIT_BYTES, ...options });
      inner.seen = [];
      onTestFinished(() => made.close());
      return made;
    },
  };
  const listen = async (): Promise<number> => {
    const server = createServer((request, answer) => handle(inner, request, answer));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  beforeAll(async () => {
    inner.port = await listen();
    inner.otherPort = await listen();
  });
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  return inner;
}

function handle(inner: InnerSystem, request: IncomingMessage, answer: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    const { authorization = null, cookie = null, 'content-type': type = null } = headers;
    inner.seen.push({ method, url, authorization, cookie, type, body: Buffer.concat(chunks).toString() });
    const { pathname, searchParams } = new URL(url, 'http://here');
    const location = searchParams.get('url') ?? '';
    if (pathname === '/silent') return;
    if (pathname === '/stalls') answer.writeHead(200).write('beginning');
    else if (pathname === '/to') answer.writeHead(Number(searchParams.get('status')), { location }).end();
    else if (pathname === '/round') answer.writeHead(302, { location: '/round' }).end();
    else if (pathname === '/packed') {
      const body = gzipSync(Buffer.alloc(Number(searchParams.get('bytes'))));
      answer.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    } else answer.writeHead(200).end('hello');
  });
}

/** A resolver that gives these answers in turn, the last one for ever. */
export function names(...answers: string[][]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_name, { all }, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, asked: () => asked };
}

/** No server of a test has a public address: this one changes between the guard and the connection. */
export function publicWhenJudged(): LookupFunction {
  return (_name, _options, callback) => {
    let judged = false;
    const found = {
      family: 4,
      get address() {
        const address = judged ? '127.0.0.1' : '93.184.216.34';
        judged = true;
        return address;
      },
    };
    callback(null, [found]);
  };
}
