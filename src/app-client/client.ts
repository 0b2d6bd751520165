import { senderOf, type ExtensionContext, type Sender } from './context.ts';
import { BackendError, errorOf } from './error.ts';
import { strictForm, type Json, type Message } from './strict-form.ts';

const TIMEOUT_MS_DEFAULT = 30_000;

/** The SDK's `fetchStripeSignature`, or another that signs as it does. */
export type FetchSignature = (extra: { [key: string]: Json }) => Promise<string>;

export interface BackendClientOptions extends Partial<ExtensionContext> {
  /** Where the backend's own paths begin: `https://api.example.com`, one for both modes or one for each. */
  baseUrl: string | { live: string; test: string };
  /** Default: the SDK's. */
  fetchStripeSignature?: FetchSignature;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** For signing, sending and the answer together. Default 30,000. */
  timeoutMs?: number;
}

export interface PostOptions {
  /** Roles that the backend asks for, by id (`admin`) or name: those of them that the user has are shown. */
  roles?: readonly string[];
  /** Who works in which mode, where the client was made without. */
  context?: ExtensionContext;
  signal?: AbortSignal;
}

export interface BackendClient {
  /**
   * Sends data (an object) to a path of the backend, signed as a whole, and returns what it answers: JSON, or
   * text where it is none. A signature that was too old on arrival is fetched once more; nothing else
   * is tried again. Throws `BackendError`, or the signal's reason when it was aborted.
   */
  readonly post: <T = unknown>(path: string, data?: object, options?: PostOptions) => Promise<T>;
}

/** A client without the SDK, for programs outside the Dashboard that have a way to sign. */
export function clientOf(
  options: BackendClientOptions & { fetchStripeSignature: FetchSignature },
): BackendClient {
  return {
    post: async <T>(path: string, data: object = {}, post: PostOptions = {}): Promise<T> => {
      const sender = senderIn(post.context ?? options);
      const roles = sender.roles.filter(({ id, name }) => [id, name].some((own) => asks(post.roles, own)));
      const message = { path: checkedPath(path), data: checkedData(data), roles };
      const limit = timeLimit(options.timeoutMs ?? TIMEOUT_MS_DEFAULT, post.signal);
      try {
        let answer = await limit.within(sendOnce(options, message, sender, limit.signal));
        if (answer instanceof BackendError && answer.code === 'stale_signature') {
          answer = await limit.within(sendOnce(options, message, sender, limit.signal));
        }
        if (answer instanceof BackendError) throw answer;
        return answer.value as T;
      } finally {
        limit.end();
      }
    },
  };
}

function asks(wanted: readonly string[] | undefined, own: string | undefined): boolean {
  return own !== undefined && wanted?.includes(own) === true;
}

function senderIn({ userContext, environment }: Partial<ExtensionContext>): Sender {
  if (!userContext || !environment) {
    throw new TypeError('userContext and environment are missing: give the props of the view to the client');
  }
  const sender = senderOf({ userContext, environment });
  if (sender) return sender;
  const detail = 'The Dashboard does not say who the user is.';
  throw new BackendError({ kind: 'signature', code: 'user_unknown', detail });
}

/** The path as it will arrive: written as URLs write it. */
function checkedPath(path: string): string {
  const { pathname } = new URL(path, 'http://localhost');
  if (/^\/(?!\/)[^?#]*$/.test(path)) return pathname;
  throw new TypeError(`"${path}" must be a path that begins with "/", without "?" and "#"`);
}

function checkedData(data: unknown): object {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data;
  throw new TypeError('the data must be an object');
}

/** One request under one signature. A refusal is a value: whether it is the last word is another's to say. */
async function sendOnce(
  options: BackendClientOptions & { fetchStripeSignature: FetchSignature },
  message: Message,
  sender: Sender,
  signal: AbortSignal,
): Promise<{ value: unknown } | BackendError> {
  const { baseUrl, fetch: send = fetch } = options;
  const base = typeof baseUrl === 'string' ? baseUrl : baseUrl[sender.mode];
  const { extra, body } = await strictForm(message, sender);
  const signature = await sign(options.fetchStripeSignature, extra);
  signal.throwIfAborted();
  try {
    const answer = await send(`${base.replace(/\/+$/, '')}${message.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', 'stripe-signature': signature },
      body,
      signal,
      credentials: 'omit',
      // What was signed is for this path; another one would refuse it.
      redirect: 'error',
    });
    const text = await answer.text();
    if (!answer.ok) return errorOf(answer.status, text);
    return { value: readAnswer(answer, text) };
  } catch (cause) {
    if (signal.aborted || cause instanceof BackendError) throw cause;
    const detail = 'The backend can not be reached, or did not let the extension in.';
    throw new BackendError({ kind: 'network', code: 'unreachable', detail, cause });
  }
}

async function sign(fetchSignature: FetchSignature, extra: { [key: string]: Json }): Promise<string> {
  try {
    const signature: unknown = await fetchSignature(extra);
    if (typeof signature === 'string' && signature !== '') return signature;
  } catch (cause) {
    throw new BackendError({ ...NOT_SIGNED, cause });
  }
  throw new BackendError(NOT_SIGNED);
}

const NOT_SIGNED = {
  kind: 'signature',
  code: 'signature_refused',
  detail: 'Stripe did not sign the request: the user may lack a role that was to be shown.',
} as const;

function readAnswer(answer: Response, text: string): unknown {
  if (text === '') return undefined;
  if (!/^application\/(?:[\w.-]+\+)?json\b/.test(answer.headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = 'The backend answered with broken JSON.';
    throw new BackendError({
      kind: 'unavailable',
      code: 'invalid_answer',
      detail,
      status: answer.status,
      cause,
    });
  }
}

interface TimeLimit {
  signal: AbortSignal;
  /** Rejects when the time is over or the caller aborts, also where the work does not listen to a signal. */
  within<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

function timeLimit(timeoutMs: number, outer: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort(new BackendError(TIMED_OUT)), timeoutMs);
  const over = new Promise<never>((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  over.catch(() => {}); // nobody may be waiting
  return {
    signal,
    within: (work) => Promise.race([work, over]),
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

const TIMED_OUT = {
  kind: 'network',
  code: 'timeout',
  detail: 'The backend did not answer in time. It may have done what was asked.',
} as const;
