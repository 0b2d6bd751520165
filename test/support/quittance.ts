import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from '../../src/http/server.ts';
import { createQuittance, type Quittance } from '../../src/quittance.ts';
import type { QuittanceOptions } from '../../src/options.ts';
import { atEnd } from './at-end.ts';
import { readAlong } from './contract.ts';
import { sign, signBytes, WEBHOOK_SECRET } from './events.ts';
import { recordedLog } from './log.ts';

export const API_KEY = 'qk_test_api_key_of_the_suite';
export const SECRET = 'secret_of_the_suite_for_tokens';

export interface Running {
  quittance: Quittance;
  server: Server;
  url: string;
  log: ReturnType<typeof recordedLog>;
  /** Posts an object as JSON, or text or bytes as they are, to the webhook; signed unless a header is. */
  post: (event: unknown, headers?: Record<string, string | undefined>) => Promise<Response>;
  /** The operator's API. */
  api: (path: string, init?: { method?: string; body?: string }) => Promise<Response>;
  stop: () => Promise<void>;
}

export interface RunOptions extends Partial<QuittanceOptions> {
  /** Called before the start, for what can only be declared by methods. */
  declare?: (quittance: Quittance) => unknown;
}

/** A Quittance behind a real port, stopped at the end of the test. */
export async function runQuittance(
  databaseUrl: string,
  { declare, ...options }: RunOptions = {},
  { work = true }: { work?: boolean } = {},
): Promise<Running> {
  const log = recordedLog();
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const quittance = createQuittance({
    databaseUrl,
    publicUrl: url,
    stripeWebhookSecret: WEBHOOK_SECRET,
    apiKey: API_KEY,
    secret: SECRET,
    logger: log.logger,
    // What our own timetable does in between would depend on the minute in which a test runs.
    housekeeping: false,
    ...options,
  });
  declare?.(quittance);
  const violations: string[] = [];
  server.on(
    'request',
    readAlong(quittance.listener, API_KEY, (violation) => violations.push(violation)),
  );
  atEnd(() => {
    if (violations.length > 0) throw new Error(`answers not as declared:\n${violations.join('\n')}`);
  });
  await quittance.start({ work });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await quittance.stop();
  };
  atEnd(stop);
  return {
    quittance,
    server,
    url,
    log,
    stop,
    post: (event, headers = {}) => postWebhook(url, event, headers),
    api: (path, init = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${API_KEY}` } }),
  };
}

export async function postWebhook(
  url: string,
  event: unknown,
  headers: Record<string, string | undefined> = {},
): Promise<Response> {
  const body = typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event);
  const signature = typeof body === 'string' ? sign(body) : signBytes(body);
  const all = { 'content-type': 'application/json', 'stripe-signature': signature, ...headers };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(`${url}/api/webhook`, { method: 'POST', body: body as BodyInit, headers: given });
}

/** Waits until `ask` gives something, asking again after each event-loop turn and a short pause. */
export async function until<T>(ask: () => Promise<T | null | undefined | false>, what: string): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited 30 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
