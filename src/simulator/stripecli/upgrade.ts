import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { OnUpgrade } from '../server/http.ts';
import type { CliHub } from './hub.ts';

const SUBSCRIBE = /^\/subscribe\/[\w-]+$/;
const PROTOCOL = 'stripecli-devproxy-v1';

/** Acknowledgements carry back what a server answered: its body, cut at 5,000 bytes, and its headers. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

/** The CLI makes a new session when it reads exactly this; anything else it tries again for ever. */
const UNKNOWN = { error: { message: 'Unknown WebSocket ID.' } };

/** Takes the websockets of `stripe listen` and `stripe logs tail`, and of clients that do as they do. */
export function makeUpgrade(hub: CliHub): OnUpgrade {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
  });
  return (request, socket, head) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!SUBSCRIBE.test(path)) {
      refuse(socket, '404 Not Found', { error: { message: 'No websocket is served here.' } });
      return;
    }
    const id = request.headers['websocket-id'];
    const session = typeof id === 'string' ? hub.find(id) : undefined;
    if (!session || session.account !== path.split('/').at(-1)) {
      refuse(socket, '403 Forbidden', UNKNOWN);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => hub.connect(session, client));
  };
}

function refuse(socket: Duplex, status: string, answer: object): void {
  const body = JSON.stringify(answer);
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
