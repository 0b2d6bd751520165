import type Stripe from 'stripe';
import { shareable } from './http-client.ts';

type Request = Parameters<Stripe.HttpClient['makeRequest']>;
type Answer = Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>;

const UNAUTHORIZED = 401;
const EXPIRED = 'api_key_expired';

/** Where the key of a client comes from, for keys that end, are replaced or taken away. */
export interface KeySource {
  /**
   * The key to call with now. `expired` is one that Stripe has just called expired; the same again when there
   * is no other. What it throws is what the call throws.
   */
  key(expired?: string): Promise<string>;
  /** Stripe does not take the key, and not because it had expired. */
  refused(): void;
}

/** Stripe's HTTP client with a key that is looked up for each request. */
export class KeyedHttpClient {
  readonly #inner: Pick<Stripe.HttpClient, 'makeRequest' | 'getClientName'>;
  readonly #keys: KeySource;

  constructor(inner: Pick<Stripe.HttpClient, 'makeRequest' | 'getClientName'>, keys: KeySource) {
    this.#inner = inner;
    this.#keys = keys;
  }

  getClientName(): string {
    return this.#inner.getClientName();
  }

  async makeRequest(...request: Request): Promise<Answer> {
    try {
      return await this.#send(request);
    } catch (error) {
      if (error instanceof NoKey) return new ThrowingAnswer(error.cause);
      throw error;
    }
  }

  async #send(request: Request): Promise<Answer> {
    const key = await this.#key();
    const answer = await this.#with(key, request);
    if (answer.getStatusCode() !== UNAUTHORIZED) return answer;
    const refusal = await shareable(answer);
    if (codeOf(await refusal.toJSON()) !== EXPIRED) {
      this.#keys.refused();
      return refusal;
    }
    // Refused before anything was done, so under the same idempotency key it is done now.
    const next = await this.#key(key);
    return next === key ? refusal : this.#with(next, request);
  }

  async #key(expired?: string): Promise<string> {
    try {
      return await this.#keys.key(expired);
    } catch (error) {
      throw new NoKey('there is no key', { cause: error });
    }
  }

  #with(key: string, [host, port, path, method, headers, ...rest]: Request): Promise<Answer> {
    const signed = { ...(headers as Record<string, string>), Authorization: `Bearer ${key}` };
    return this.#inner.makeRequest(host, port, path, method, signed, ...rest);
  }
}

class NoKey extends Error {}

/**
 * Stripe's library takes what its HTTP client throws for a failure of the network, and tries again. What is
 * thrown while it reads the answer goes to the caller as it is.
 */
class ThrowingAnswer {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  getStatusCode(): number {
    return UNAUTHORIZED;
  }

  getHeaders(): Record<string, string> {
    return {};
  }

  getRawResponse(): unknown {
    return {};
  }

  toStream(): never {
    throw this.#error;
  }

  toJSON(): Promise<unknown> {
    return Promise.resolve(Object.defineProperty({}, 'error', { get: () => this.#throw() }));
  }

  #throw(): never {
    throw this.#error;
  }
}

function codeOf(body: unknown): unknown {
  return (body as { error?: { code?: unknown } }).error?.code;
}
