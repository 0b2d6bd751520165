import type Stripe from 'stripe';
import type { RateBudget } from './rate.ts';

type Request = Parameters<Stripe.HttpClient['makeRequest']>;
type Answer = Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>;

const TOO_MANY_REQUESTS = 429;
// What is answered again to who asks again: the object, or that there is none.
const LASTING = new Set([200, 404]);

/** Stripe's HTTP client inside our rate budget, with reads shared for as long as its map lives. */
export class MeteredHttpClient {
  readonly #inner: Stripe.HttpClient;
  readonly #budget: RateBudget;
  readonly #reads: Map<string, Promise<unknown>> | null;
  readonly #account: string;

  constructor(
    inner: Stripe.HttpClient,
    budget: RateBudget,
    reads: Map<string, Promise<unknown>> | null,
    account: string,
  ) {
    this.#inner = inner;
    this.#budget = budget;
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
    await this.#budget.take();
    const answer = await this.#inner.makeRequest(...request);
    if (answer.getStatusCode() === TOO_MANY_REQUESTS) this.#budget.pause();
    return answer;
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
