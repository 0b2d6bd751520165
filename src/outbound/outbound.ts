import type { LookupFunction } from 'node:net';
import { Agent, fetch as send } from 'undici';
import { underAny } from './abort.ts';
import { QuittanceError } from '../errors.ts';
import { readAnswer } from './answer.ts';
import { guardedConnector } from './connector.ts';
import { callableUrl, nextHop, redirectRefused, type Hop } from './hop.ts';

const ANSWER_BYTES_MAX = 1024 * 1024;
const REDIRECTS_MAX = 3;
const CLOSE_MS_MAX = 1_000;

export interface OutboundOptions {
  /** For the whole call: name, connection, headers, body, redirects. */
  timeoutMs: number;
  /** For systems of one's own: calls may go to any address. */
  allowPrivateNetwork?: boolean;
  /** The longest answer, unpacked; 1 MiB when left out. */
  answerBytesMax?: number;
  /** What names mean; the system's resolver when left out. */
  lookup?: LookupFunction;
}

/**
 * Calls to addresses that others choose, kept out of our own network (OWASP: server-side request forgery).
 * No proxy of the environment is used.
 */
export class Outbound {
  readonly #options: OutboundOptions;
  readonly #agent: Agent;
  readonly #underWay = new Set<AbortController>();
  #closed: Promise<void> | undefined;

  constructor(options: OutboundOptions) {
    const { timeoutMs, allowPrivateNetwork = false, lookup } = options;
    this.#options = options;
    this.#agent = new Agent({ connect: guardedConnector({ timeoutMs, allowPrivateNetwork, lookup }) });
  }

  /**
   * `fetch`, but: a redirect is an answer like others unless `redirect` is `follow` (three at most, each
   * judged like the first), and the answer has been read when this resolves. Throws QuittanceErrors:
   * `outbound_url_invalid`, `outbound_address_refused`, `outbound_redirect_refused`, `outbound_timeout`,
   * `outbound_unreachable`, `outbound_answer_too_large`; when `signal` is aborted, its reason.
   */
  readonly fetch: typeof fetch = async (input, init = {}) => {
    const { redirect = 'manual' } = init;
    let hop = await firstHop(input, init);
    const signals = [input instanceof Request ? input.signal : undefined, init.signal ?? undefined];
    const given = signals.filter((signal) => signal !== undefined);
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#call(hop, { given, timeout });
      if (redirect === 'manual') return answer;
      const next = nextHop(hop, answer);
      if (next === null) return answer;
      if (redirect === 'error') throw redirectRefused('the caller wants none');
      if (redirects === REDIRECTS_MAX) throw redirectRefused(`there were ${REDIRECTS_MAX} before it`);
      hop = next;
    }
  };

  /** Closes the connections; calls under way have a second to come to their end, and are cut off then. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Not the agent's own destroy(): it knows none of its connections any more while it closes (undici 7).
    const cut = setTimeout(() => this.#underWay.forEach((call) => call.abort()), CLOSE_MS_MAX);
    await this.#agent.close().finally(() => clearTimeout(cut));
  }

  async #call(hop: Hop, { given, timeout }: Limits): Promise<Response> {
    const { answerBytesMax = ANSWER_BYTES_MAX, timeoutMs } = this.#options;
    const call = new AbortController();
    this.#underWay.add(call);
    try {
      return await underAny([...given, timeout, call.signal], async (signal) => {
        const answer = await send(hop.url, {
          method: hop.method,
          headers: [...hop.headers],
          body: hop.body,
          redirect: 'manual',
          signal,
          dispatcher: this.#agent,
        });
        return readAnswer(answer, answerBytesMax);
      });
    } catch (error) {
      for (const signal of given) signal.throwIfAborted();
      throw ourErrorIn(error) ?? (timeout.aborted ? timedOut(timeoutMs, error) : unreachable(hop.url, error));
    } finally {
      this.#underWay.delete(call);
    }
  }
}

interface Limits {
  /** The caller's own. */
  given: readonly AbortSignal[];
  timeout: AbortSignal;
}

// Made by the platform's Request, which knows every kind of body and the headers that follow from it.
async function firstHop(input: string | URL | Request, init: RequestInit): Promise<Hop> {
  const url = callableUrl(input instanceof Request ? input.url : String(input));
  const { method, headers, body } = new Request(input instanceof Request ? input : url, {
    ...init,
    redirect: 'manual',
    // It would listen to it until it is collected.
    signal: null,
  });
  return { url, method, headers, body: body && Buffer.from(await new Response(body).arrayBuffer()) };
}

/** The refusal that undici hands on as the cause of its own error. */
function ourErrorIn(error: unknown): QuittanceError | null {
  if (error instanceof QuittanceError) return error;
  return error instanceof Error && error.cause !== undefined ? ourErrorIn(error.cause) : null;
}

function timedOut(timeoutMs: number, cause: unknown): QuittanceError {
  const message = `There was no whole answer within ${timeoutMs} ms.`;
  return new QuittanceError({ code: 'outbound_timeout', message, cause });
}

// Host and word only: paths and queries may hold secrets.
function unreachable({ host }: URL, cause: unknown): QuittanceError {
  const word = wordOf(cause);
  const message = `${host} could not be reached${word === null ? '' : ` (${word})`}.`;
  return new QuittanceError({ code: 'outbound_unreachable', message, cause });
}

function wordOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : wordOf(error.cause);
}
