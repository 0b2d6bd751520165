import addresses from '../../../generated/operations.json';
import type { Operations } from '../../../generated/contract.d.ts';
import { problemOf, unreachable } from './problem.ts';
import { Watching } from './watching.ts';

/** What the operator's API can do. */
export type OperationId = keyof Operations;
export type Answer<Id extends OperationId> = Operations[Id]['answer'];
type Query<Id extends OperationId> = Operations[Id]['query'];
type Params<Id extends OperationId> = Operations[Id]['params'];
type Body<Id extends OperationId> = Operations[Id]['body'];

/** What a call takes: the operation's own parameters, and nothing where it has none. */
export type Asked<Id extends OperationId> = {
  query?: Partial<Query<Id>>;
  idempotencyKey?: string;
} & (Params<Id> extends Record<string, never> ? { params?: undefined } : { params: Params<Id> }) &
  (undefined extends Body<Id> ? { body?: Body<Id> } : { body: Body<Id> });

type Anything = { query?: object; params?: object | undefined; body?: unknown; idempotencyKey?: string };

const ADDRESSES = addresses as unknown as Record<OperationId, [method: string, path: string]>;

/** Asking who is signed in is answered by its being nobody. */
const SESSION = '/api/session';

/** Calls the operator's API as whoever is signed in. */
export class Client {
  /** Shows that a change is asked for by our own page; comes with the session. */
  csrfToken: string | null = null;
  /** Asks again who is signed in. */
  readonly recheck: () => void;
  readonly #watching = new Watching();

  constructor(recheck: () => void) {
    this.recheck = recheck;
  }

  /** Calls an operation. Throws a `Problem` when it comes to nothing. */
  async call<Id extends OperationId>(id: Id, asked: Asked<Id>, signal?: AbortSignal): Promise<Answer<Id>> {
    const { body, idempotencyKey } = asked as Anything;
    const headers: Record<string, string> = { accept: 'application/json' };
    // The browser says how a form is divided.
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const response = await this.request(addressOf(id, asked), {
      method: ADDRESSES[id][0],
      headers,
      body: isForm ? body : body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
    return (response.status === 204 ? undefined : await response.json()) as Answer<Id>;
  }

  /** Any request to our own server, for what is no JSON. Throws a `Problem` when it comes to nothing. */
  async request(address: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.csrfToken && init.method && init.method !== 'GET') headers.set('x-csrf-token', this.csrfToken);
    if (!this.#watching.isInUse) headers.set('x-watching', '1');
    const response = await fetch(address, { ...init, headers }).catch((error: unknown) => {
      throw init.signal?.aborted ? error : unreachable();
    });
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.code === 'signed_out' && address !== SESSION) this.recheck();
    throw problem;
  }
}

/** Where an operation is, with its parameters: for links to downloads and for live streams. */
export function addressOf<Id extends OperationId>(id: Id, asked: Asked<Id>): string {
  const { params = {}, query = {} } = asked as Anything;
  const named = params as Record<string, string>;
  const path = ADDRESSES[id][1].replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(named[name] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  return search.size > 0 ? `${path}?${search}` : path;
}
