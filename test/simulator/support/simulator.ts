import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/index.ts';

/** A simulator for one test file, and the real client in test and in live mode. */
export interface Local {
  sim: Simulator;
  stripe: Stripe;
  live: Stripe;
  /** A request without the client, for what it would never send. */
  raw: (path: string, init?: RequestInit) => Promise<Answer>;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, never> & { error: ErrorBody };
}

interface ErrorBody {
  type: string;
  code?: string;
  param?: string;
  message: string;
  decline_code?: string;
}

/** Starts a simulator before the file's tests and empties it before each. */
export function useSimulator(options: SimulatorOptions = {}): Local {
  const local = {} as Local;
  beforeAll(async () => {
    Object.assign(local, await startLocal(options));
  });
  beforeEach(() => local.sim.reset());
  afterAll(() => local.sim.close());
  return local;
}

/** A simulator on a free port, with its clients; the caller closes it. */
export async function startLocal(options: SimulatorOptions = {}): Promise<Local> {
  const sim = await startSimulator({ port: 0, redirectWaitMs: 2_000, ...options });
  return {
    sim,
    stripe: clientOf(sim, 'sk_test_simulator'),
    live: clientOf(sim, 'sk_live_simulator'),
    raw: (path, init) => fetchRaw(sim, path, init),
  };
}

export function clientOf(sim: Simulator, key: string, retries = 0): Stripe {
  const { host, port } = sim;
  return new Stripe(key, { host, port, protocol: 'http', telemetry: false, maxNetworkRetries: retries });
}

/** What a call was refused with; a call that succeeds is an error. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof Stripe.errors.StripeError) return thrown;
    throw thrown;
  }
  throw new Error('the call succeeded, but should have been refused');
}

/** The id in a field that may hold an id or an object. */
export function idOf(value: string | { id: string } | null | undefined): string {
  return typeof value === 'string' ? value : (value?.id ?? '');
}

/** The control API. */
export async function control<T = unknown>(
  sim: Simulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${sim.url}/_sim/api/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}

async function fetchRaw(sim: Simulator, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (!headers.has('authorization')) headers.set('authorization', 'Bearer sk_test_simulator');
  if (typeof init.body === 'string' && !headers.has('content-type'))
    headers.set('content-type', 'application/x-www-form-urlencoded');
  const answer = await fetch(`${sim.url}${path}`, { ...init, headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Answer['body'] };
}
