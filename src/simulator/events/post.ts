import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { describeError } from '../../errors.ts';

/** Stripe publishes no number; a receiver that needs longer than this is broken anyway. */
const TIMEOUT_MS = 20_000;
const RESPONSE_CHARS_KEPT = 2_000;

/** What came of one HTTP request to an endpoint. */
export interface Outcome {
  /**
   * The HTTP status; null when there was no answer. Redirects are not followed: for Stripe they are
   * failures.
   */
  status: number | null;
  /** Why there was no answer, in a word or two. */
  error: string | null;
  /** The beginning of the answer's body. */
  response: string;
  ms: number;
}

/** Sends one webhook as Stripe sends it. Never rejects: a failure is an outcome. */
export function post(url: string, body: Buffer, signature: string, signal: AbortSignal): Promise<Outcome> {
  const started = performance.now();
  const outcome = (status: number | null, error: string | null, response: string): Outcome => ({
    status,
    error,
    response,
    ms: Math.round(performance.now() - started),
  });
  return new Promise((resolve) => {
    const secure = url.startsWith('https:');
    const send = secure ? httpsRequest : httpRequest;
    // A connection of its own for each attempt: a kept one that the receiver just closed would look like a
    // failure.
    const agent = secure ? new HttpsAgent() : new HttpAgent();
    const fail = (thrown: unknown): void => resolve(outcome(null, describeError(thrown), ''));
    try {
      const options = {
        method: 'POST',
        agent,
        headers: headersOf(body, signature),
        timeout: TIMEOUT_MS,
        signal,
      };
      const request = send(url, options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          if (text.length < RESPONSE_CHARS_KEPT) text += chunk.slice(0, RESPONSE_CHARS_KEPT - text.length);
        });
        answer.on('end', () => resolve(outcome(answer.statusCode ?? null, null, text)));
        answer.on('error', fail);
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      request.on('error', fail);
      request.end(body);
    } catch (thrown) {
      fail(thrown);
    }
  });
}

function headersOf(body: Buffer, signature: string): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    accept: '*/*; q=0.5, application/xml',
    'cache-control': 'no-cache',
    'stripe-signature': signature,
  };
}
