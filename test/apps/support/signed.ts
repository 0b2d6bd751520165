import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../src/clock.ts';
import { AppVerifier, type AppVerifierOptions } from '../../../src/apps/signed/verifier.ts';
import { sign, signBytes, WEBHOOK_SECRET } from '../../support/events.ts';

export const APP_SECRET = 'absec_the_secret_of_the_suite';
export const NEXT_SECRET = 'absec_the_next_secret_of_the_suite';
export const ORIGIN = 'https://backend.test';
export const PATH = '/apps/notes';
export const WHO = { user_id: 'usr_jenny', account_id: 'acct_anna' };

export const clock: Clock = { now: () => 1_790_000_000_000 };
export const NOW = clock.now() / 1000;

export function verifierOn(
  database: AppVerifierOptions['database'],
  options: Partial<AppVerifierOptions> = {},
): AppVerifier {
  return new AppVerifier({
    database,
    clock,
    secrets: [APP_SECRET],
    webhookSecrets: [WEBHOOK_SECRET],
    signing: 'strict',
    livemode: false,
    ...options,
  });
}

/** The fields of the strict form, in their order; written apart from the client's, to hold one against the other. */
export function strictFields(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    body: '{"text":"hello"}',
    path: PATH,
    method: 'POST',
    mode: 'test',
    nonce: randomBytes(16).toString('hex'),
    ...('stripe_roles' in changes && { stripe_roles: changes.stripe_roles }),
    ...WHO,
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export interface Post {
  /** What is sent. Objects are sent as JSON. */
  body: unknown;
  /** What is signed, where it is not the body. */
  signed?: unknown;
  secret?: string;
  at?: number;
  /** Null for none; left out, the right one. */
  header?: string | null;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
}

export function headerFor(signed: unknown, secret = APP_SECRET, at = NOW): string {
  return Buffer.isBuffer(signed) ? signBytes(signed, secret, at) : sign(textOf(signed), secret, at);
}

export function makeRequest({
  body,
  signed = body,
  secret,
  at,
  header,
  path,
  method,
  headers,
}: Post): Request {
  const signature = header === undefined ? headerFor(signed, secret, at) : header;
  return new Request(`${ORIGIN}${path ?? PATH}`, {
    method: method ?? 'POST',
    ...((method ?? 'POST') === 'POST' && { body: bytesOf(body) }),
    headers: { ...headers, ...(signature !== null && { 'stripe-signature': signature }) },
  });
}

function bytesOf(body: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.isBuffer(body) ? body : Buffer.from(textOf(body)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
