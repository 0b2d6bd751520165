import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { webhookNode } from './events/webhook-routes.ts';
import type { WebhookEntrance } from './events/webhook.ts';
import type { ReachFailpoint } from './failpoints.ts';
import type { Addresses } from './http/address.ts';

export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** `fetch` for node:http, with a shorter way for webhooks. */
export function listenerOf(
  fetch: (request: Request) => Promise<Response>,
  entrances: readonly WebhookEntrance[],
  { reach, addresses }: { reach: ReachFailpoint; addresses: Addresses },
): NodeListener {
  const noting = (request: Request, { incoming }: { incoming: Pick<IncomingMessage, 'socket'> }) => {
    addresses.note(request, incoming.socket.remoteAddress);
    return fetch(request);
  };
  const listen = getRequestListener(noting, { overrideGlobalObjects: false });
  const byPath = new Map(entrances.map((entrance) => [entrance.path, entrance]));
  return (incoming, outgoing) => {
    const entrance = byPath.get(incoming.url?.split('?', 1)[0] ?? '');
    if (entrance) webhookNode(entrance, reach, incoming, outgoing);
    else void listen(incoming, outgoing);
  };
}
