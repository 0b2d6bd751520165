import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/body.ts';
import { problemHeaders, problemResponse, problemText, type Problem } from '../http/problem.ts';
import { RECEIVED, WEBHOOK_BODY_BYTES_MAX, WRONG_METHOD, type WebhookEntrance } from './webhook.ts';

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** The webhook as a Web-standard handler, for servers we are mounted in. */
export async function webhookFetch(entrance: WebhookEntrance, request: Request): Promise<Response> {
  if (request.method !== 'POST') return problemResponse(WRONG_METHOD);
  const reading = await readBody(request, WEBHOOK_BODY_BYTES_MAX);
  if (reading.kind === 'too_large') return problemResponse(entrance.refuse('body_too_large'));
  if (reading.kind === 'aborted') return problemResponse(CUT_SHORT);
  const problem = await entrance.accept(reading.bytes, request.headers.get('stripe-signature'));
  return problem ? problemResponse(problem) : new Response(RECEIVED, { headers: JSON_HEADERS });
}

/**
 * The webhook on bare node:http. Building a Request and a Response for each event would cost about as much
 * as all the rest of receiving it.
 */
export function webhookNode(
  entrance: WebhookEntrance,
  reach: (name: 'webhook.after_read' | 'webhook.after_ack') => void,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (incoming.method !== 'POST') return send(outgoing, WRONG_METHOD);
  if (Number(incoming.headers['content-length'] ?? 0) > WEBHOOK_BODY_BYTES_MAX) {
    return cut(incoming, outgoing, entrance.refuse('body_too_large'));
  }
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= WEBHOOK_BODY_BYTES_MAX) chunks.push(chunk);
    else if (!outgoing.headersSent) {
      chunks.length = 0;
      cut(incoming, outgoing, entrance.refuse('body_too_large'));
    }
  });
  incoming.on('error', () => {}); // the sender went away in mid-body: nothing to store, nobody to answer
  incoming.on('end', () => {
    if (outgoing.headersSent) return;
    reach('webhook.after_read');
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    const signature = incoming.headers['stripe-signature'];
    entrance.accept(body, typeof signature === 'string' ? signature : signature?.join(',')).then(
      (problem) => {
        if (problem) return send(outgoing, problem);
        outgoing.writeHead(200, { ...JSON_HEADERS, 'content-length': RECEIVED.length });
        outgoing.end(RECEIVED);
        reach('webhook.after_ack');
      },
      (error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
}

const CUT_SHORT: Problem = {
  status: 400,
  code: 'body_cut_short',
  detail: 'The body ended before its announced length.',
};

/** Answers at once and closes the connection: the rest of the body is not read. */
function cut(incoming: IncomingMessage, outgoing: ServerResponse, problem: Problem): void {
  incoming.pause();
  outgoing.once('finish', () => incoming.socket.destroySoon());
  send(outgoing, problem);
}

function send(outgoing: ServerResponse, problem: Problem): void {
  const text = problemText(problem);
  outgoing.writeHead(problem.status, {
    ...problemHeaders(problem),
    'content-length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}
