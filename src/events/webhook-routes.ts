import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyCollector, readBody } from '../http/body.ts';
import { problemHeaders, problemResponse, problemText, type Problem } from '../http/problem.ts';
import type { TraceHeaders } from '../http/spans.ts';
import { RECEIVED, WEBHOOK_BODY_BYTES_MAX, WRONG_METHOD, type WebhookEntrance } from './webhook.ts';

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** The webhook as a Web-standard handler, for servers we are mounted in. */
export async function webhookFetch(entrance: WebhookEntrance, request: Request): Promise<Response> {
  if (request.method !== 'POST') return problemResponse(WRONG_METHOD);
  const reading = await readBody(request, WEBHOOK_BODY_BYTES_MAX, entrance.bodies);
  if (reading.kind === 'aborted') return problemResponse(CUT_SHORT);
  if (reading.kind !== 'bytes') return problemResponse(entrance.refuse(REFUSALS[reading.kind]));
  const { headers } = request;
  const trace = { traceparent: headers.get('traceparent'), tracestate: headers.get('tracestate') };
  const problem = await entrance.accept(reading.bytes, headers.get('stripe-signature'), trace);
  return problem ? problemResponse(problem) : new Response(RECEIVED, { headers: JSON_HEADERS });
}

const CUT_SHORT: Problem = {
  status: 400,
  code: 'body_cut_short',
  detail: 'The body ended before its announced length.',
};

const REFUSALS = { too_large: 'body_too_large', no_room: 'storage_unavailable' } as const;

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
  const collector = new BodyCollector(WEBHOOK_BODY_BYTES_MAX, entrance.bodies);
  incoming.on('data', (chunk: Buffer) => {
    if (outgoing.headersSent) return; // refused: what was in the pipe is not kept
    const refusal = collector.add(chunk);
    if (refusal) cut(incoming, outgoing, entrance.refuse(REFUSALS[refusal]));
  });
  incoming.on('error', () => {}); // the sender went away in mid-body: nothing to store, nobody to answer
  incoming.on('close', () => collector.drop());
  incoming.on('end', () => {
    if (outgoing.headersSent) return;
    reach('webhook.after_read');
    const signature = incoming.headers['stripe-signature'];
    const header = typeof signature === 'string' ? signature : signature?.join(',');
    entrance.accept(collector.finish(), header, traceIn(incoming)).then(
      (problem) => {
        if (problem) return send(outgoing, problem);
        outgoing.writeHead(200, { ...JSON_HEADERS, 'content-length': RECEIVED.length });
        outgoing.end(RECEIVED);
        reach('webhook.after_ack');
      },
      (error: unknown) => send(outgoing, entrance.fail(error)),
    );
  });
}

function traceIn({ headers }: IncomingMessage): TraceHeaders {
  const { traceparent, tracestate } = headers;
  return { traceparent: textOf(traceparent), tracestate: textOf(tracestate) };
}

const textOf = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' ? header : null;

/** Answers at once and closes the connection: the rest of the body is not read. */
function cut(incoming: IncomingMessage, outgoing: ServerResponse, problem: Problem): void {
  incoming.pause();
  outgoing.once('finish', () => incoming.socket.destroySoon());
  send(outgoing, { ...problem, headers: { ...problem.headers, connection: 'close' } });
}

function send(outgoing: ServerResponse, problem: Problem): void {
  const text = problemText(problem);
  outgoing.writeHead(problem.status, {
    ...problemHeaders(problem),
    'content-length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}
