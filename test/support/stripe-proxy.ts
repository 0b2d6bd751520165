import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './at-end.ts';

/** Instead of what Stripe answered, after it has done what it was asked for. */
interface FalseAnswer {
  /** A part of `POST /v1/refunds`. */
  match: string;
  times: number;
  status: number;
  error: Record<string, unknown>;
}

/** An HTTP proxy in front of a simulator that lets calls be done and then answers as it is told. */
export interface StripeProxy {
  url: string;
  /** Where the simulator is; before that calls are cut. */
  target: string;
  answer: (instead: FalseAnswer) => void;
}

export async function startStripeProxy(): Promise<StripeProxy> {
  const queue: FalseAnswer[] = [];
  const server = createServer((incoming, outgoing) => {
    if (proxy.target === '') incoming.socket.destroy();
    else forward(new URL(incoming.url ?? '/', proxy.target), incoming, { outgoing, queue });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const proxy: StripeProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: '',
    answer: (instead) => void queue.push({ ...instead }),
  };
  return proxy;
}

function forward(
  url: URL,
  incoming: IncomingMessage,
  { outgoing, queue }: { outgoing: ServerResponse; queue: FalseAnswer[] },
): void {
  const { method, headers } = incoming;
  const call = request(url, { method, headers: { ...headers, host: url.host } }, (answer) => {
    const instead = queue.find(
      ({ match, times }) => times > 0 && `${method} ${url.pathname}`.includes(match),
    );
    if (!instead) {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    instead.times -= 1;
    answer.resume().on('end', () => {
      outgoing.writeHead(instead.status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: { message: 'told by the proxy', ...instead.error } }));
    });
  });
  call.on('error', () => incoming.socket.destroy());
  incoming.pipe(call);
}
