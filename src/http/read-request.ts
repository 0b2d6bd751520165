import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemHeaders, problemText, type Problem } from './problem.ts';

/** Answers a request from the bytes that somebody has read of it. */
export async function answerRead(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  body: Buffer | null,
  outgoing: ServerResponse,
): Promise<void> {
  const headers = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  // Without the prefix that a router took off, as `handles` saw it.
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`);
  const { method = 'POST' } = incoming;
  try {
    const answer = await fetch(
      new Request(url, { method, headers, ...(body === null ? {} : { body: new Uint8Array(body) }) }),
    );
    outgoing.statusCode = answer.status;
    for (const [name, value] of answer.headers) outgoing.appendHeader(name, value);
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Answers a request with what is wrong with it. */
export function sendProblem(outgoing: ServerResponse, problem: Problem): void {
  outgoing.writeHead(problem.status, problemHeaders(problem));
  outgoing.end(problemText(problem));
}
