import type Stripe from 'stripe';
import { inSpan, type SpanOptions, type Told } from '../http/spans.ts';
import type { RateBudget } from './rate.ts';
import { routeOf } from './route.ts';

type Request = Parameters<Stripe.HttpClient['makeRequest']>;
type Answer = Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>;

const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;
const BAD_REQUEST = 400;
const UNREACHABLE = 'unreachable';
// What is answered again to who asks again: the object, or that there is none.
const LASTING = new Set([200, 404]);

/** What one call came to. */
export interface StripeCall {
  method: string;
  /** With `{id}` for ids. */
  route: string;
  /** The status of the answer; `unreachable` without one. */
  status: string;
  seconds: number;
}

export interface Metering {
  budget: RateBudget;
  onCall: (call: StripeCall) => void;
}

/** Stripe's HTTP client inside our rate budget, with reads shared for as long as its map lives. */
export class MeteredHttpClient {
  readonly #inner: Stripe.HttpClient;
  readonly #metering: Metering;
  readonly #reads: Map<string, Promise<unknown>> | null;
  readonly #account: string;

  constructor(
    inner: Stripe.HttpClient,
    metering: Metering,
    reads: Map<string, Promise<unknown>> | null,
    account: string,
  ) {
    this.#inner = inner;
    this.#metering = metering;
    this.#reads = reads;
    this.#account = account;
  }

  getClientName(): string {
    return this.#inner.getClientName();
  }

  async makeRequest(...request: Request): Promise<Answer> {
    const [, , path, method] = request;
    if (!this.#reads) return this.#send(request);
    if (method !== 'GET') {
      this.#reads.clear();
      return this.#send(request);
    }
    const key = `${this.#account} ${path}`;
    const known = this.#reads.get(key) as Promise<SharedAnswer> | undefined;
    if (known) return known;
    const read = this.#send(request).then(shareable);
    this.#reads.set(key, read);
    const answer = await read.catch((error: unknown) => {
      this.#reads?.delete(key);
      throw error;
    });
    if (!LASTING.has(answer.getStatusCode())) this.#reads.delete(key);
    return answer;
  }

  async #send(request: Request): Promise<Answer> {
    const { budget, onCall } = this.#metering;
    await budget.take();
    const [host, port, path, method] = request;
    const route = routeOf(path);
    const begun = performance.now();
    let status = UNREACHABLE;
    try {
      const answer = await inSpan(`${method} ${route}`, this.#spanOf(host, port, method, route), (told) =>
        this.#call(request, told),
      );
      status = String(answer.getStatusCode());
      if (answer.getStatusCode() === TOO_MANY_REQUESTS) budget.pause();
      return answer;
    } finally {
      onCall({ method, route, status, seconds: (performance.now() - begun) / 1_000 });
    }
  }

  async #call(request: Request, told: Told): Promise<Answer> {
    const answer = await this.#inner.makeRequest(...request);
    const status = answer.getStatusCode();
    told.set({
      'http.response.status_code': status,
      'stripe.request_id': String(answer.getHeaders()['request-id'] ?? ''),
    });
    if (status >= BAD_REQUEST) {
      told.set({ 'error.type': String(status) });
      told.failed(status >= SERVER_ERROR ? 'Stripe failed' : 'Stripe refused');
    }
    return answer;
  }

  // opentelemetry.io/docs/specs/semconv/http/http-spans, as a client. The path with its ids stays out: a
  // client secret may stand in it.
  #spanOf(host: string, port: string | number, method: string, route: string): SpanOptions {
    const attributes = {
      'http.request.method': method,
      'url.template': route,
      'server.address': host,
      'server.port': Number(port),
      'stripe.account': this.#account,
    };
    return { kind: 'client', attributes };
  }
}

/** An answer that can be read more than once: each reader gets an object of its own. */
class SharedAnswer {
  readonly #answer: Answer;
  readonly #text: string;

  constructor(answer: Answer, text: string) {
    this.#answer = answer;
    this.#text = text;
  }

  getStatusCode(): number {
    return this.#answer.getStatusCode();
  }

  getHeaders(): ReturnType<Answer['getHeaders']> {
    return this.#answer.getHeaders();
  }

  getRawResponse(): unknown {
    return this.#answer.getRawResponse();
  }

  toStream(): unknown {
    throw new Error('a shared read has no stream');
  }

  toJSON(): Promise<unknown> {
    return Promise.resolve(JSON.parse(this.#text));
  }
}

/** Reads an answer to its end, so that it can be looked into and handed on. */
export async function shareable(answer: Answer): Promise<SharedAnswer> {
  return new SharedAnswer(answer, JSON.stringify(await answer.toJSON()));
}
