import type { Clock } from '../../clock.ts';
import type { ApiAnswer } from '../server/api.ts';
import type { WebRequest } from '../server/http.ts';

const REQUESTS_KEPT = 1_000;

/** Parameters that are not shown: what is typed into a card form, and whatever signs or opens something. */
const SECRET_PARAMS =
  /^(number|cvc|iban|account_number|secret|client_secret|key|token|access_token|refresh_token)$/;

/** One API call and what was answered, as the control API shows it. */
export interface LoggedRequest {
  id: string;
  /** Milliseconds since the Unix epoch on the simulator's clock. */
  at: number;
  method: string;
  path: string;
  account: string | null;
  livemode: boolean | null;
  api_version: string | null;
  idempotency_key: string | null;
  replayed: boolean;
  params: unknown;
  status: number;
  answer: unknown;
  ms: number;
}

/** The latest API calls, in memory. */
export class RequestLog {
  readonly #clock: Clock;
  #entries: LoggedRequest[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ method, path }: WebRequest, answer: ApiAnswer, ms: number): void {
    const { headers, realm, params } = answer;
    this.#entries.push({
      id: headers['request-id'] ?? '',
      at: this.#clock.now(),
      method,
      path,
      account: realm?.account ?? null,
      livemode: realm?.livemode ?? null,
      api_version: headers['stripe-version'] ?? null,
      idempotency_key: headers['idempotency-key'] ?? null,
      replayed: headers['idempotent-replayed'] === 'true',
      params,
      status: answer.status,
      answer: answer.body,
      ms: Math.round(ms * 10) / 10,
    });
    if (this.#entries.length >= 2 * REQUESTS_KEPT) this.#entries = this.#entries.slice(-REQUESTS_KEPT);
  }

  /** Newest first; secrets are left out only now, since most requests are never looked at. */
  list(limit: number): LoggedRequest[] {
    const latest = this.#entries.slice(-Math.min(limit, REQUESTS_KEPT)).toReversed();
    return latest.map((entry) => ({ ...entry, params: masked(entry.params), answer: masked(entry.answer) }));
  }

  /** The request of this id, if it is still among those that are kept. */
  find(id: string): LoggedRequest | undefined {
    const found = this.#entries.findLast((entry) => entry.id === id);
    return found && { ...found, params: masked(found.params), answer: masked(found.answer) };
  }

  clear(): void {
    this.#entries = [];
  }
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_PARAMS.test(name) && typeof inner === 'string' ? '***' : masked(inner),
    ]),
  );
}
