import { assumeCatalogue } from '../billing/catalog/assumed.ts';
import type { Params } from '../contract/validate.ts';
import type { Engine, Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { render } from '../versions/render.ts';
import type { Call, Resources } from './call.ts';
import { StripeError } from './errors.ts';
import { expand } from './expand.ts';
import { behaviourOf } from './generic.ts';
import type { Idempotency, KeyUse } from './idempotency.ts';
import { findAcross } from './lookup.ts';
import { hintOtherMode } from './other-mode.ts';
import { prepare, type ApiRequest, type Findings, type Prepared } from './prepare.ts';

export interface ApiAnswer {
  status: number;
  body: StripeObject;
  headers: Record<string, string>;
  /** For the request log; absent when the caller was not recognised. */
  realm?: Realm;
  params?: Params;
}

const REQUEST_ID_CHARS = 14;

/** Stripe's API: takes a request and answers it as Stripe would. */
export class Api {
  readonly #engine: Engine;
  readonly #resources: Resources;
  readonly #idempotency: Idempotency;

  constructor(engine: Engine, resources: Resources, idempotency: Idempotency) {
    this.#engine = engine;
    this.#resources = resources;
    this.#idempotency = idempotency;
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const requestId = `req_${this.#engine.random.text(REQUEST_ID_CHARS)}`;
    const found: Findings = { headers: { 'request-id': requestId } };
    const { headers } = found;
    try {
      const prepared = prepare(this.#engine, request, requestId, found);
      const { realm, params } = prepared.call;
      return { ...(await this.#once(prepared, requestId, headers)), realm, params };
    } catch (thrown) {
      if (!(thrown instanceof StripeError)) throw thrown;
      const { realm } = found;
      return { status: thrown.status, body: asBody(thrown, realm), headers, ...(realm && { realm }) };
    }
  }

  /** Runs the request, or replays what its idempotency key already brought about. */
  async #once(prepared: Prepared, requestId: string, headers: Record<string, string>): Promise<ApiAnswer> {
    const { call, key } = prepared;
    const { realm } = call;
    if (!key) return this.#run(prepared, requestId, headers);
    const saved = this.#idempotency.begin(realm, key, realm.now);
    headers['original-request'] = saved?.request ?? requestId;
    if (saved) {
      const replayed = { ...headers, 'idempotent-replayed': 'true' };
      return { status: saved.status, body: saved.body, headers: replayed };
    }
    try {
      return await this.#run(prepared, requestId, headers);
    } finally {
      this.#idempotency.end(realm, key.key);
    }
  }

  async #run(prepared: Prepared, requestId: string, headers: Record<string, string>): Promise<ApiAnswer> {
    const { faults, store } = this.#engine;
    const trouble = await faults.beforeRequest(prepared.request.method, prepared.request.path);
    if (trouble) return { status: trouble.status, body: asBody(trouble), headers };
    const failure = faults.duringRequest(prepared.request.method, prepared.request.path);
    try {
      return store.transaction(() => this.#execute(prepared, requestId, headers, failure));
    } catch (thrown) {
      if (!(thrown instanceof StripeError)) throw thrown;
      return store.transaction(() => this.#failed(prepared, requestId, headers, thrown));
    }
  }

  #execute(
    { call, expansions, key }: Prepared,
    requestId: string,
    headers: Record<string, string>,
    failure: StripeError | undefined,
  ): ApiAnswer {
    let answer: ApiAnswer;
    try {
      assumeCatalogue(call);
      const behaviour = behaviourOf(call, this.#resources);
      const result = behaviour(call);
      if (failure) throw failure;
      answer = { status: 200, body: this.#show(call, result, expansions), headers };
    } catch (thrown) {
      if (!(thrown instanceof StripeError) || !thrown.keepsChanges) throw thrown;
      answer = { status: thrown.status, body: asBody(thrown, call.realm, call.version), headers };
    }
    this.#save(call, key, requestId, answer);
    return answer;
  }

  /**
   * A refusal undid whatever was begun; what it answers is kept all the same, unless it came before the
   * start.
   */
  #failed(
    prepared: Prepared,
    requestId: string,
    headers: Record<string, string>,
    error: StripeError,
  ): ApiAnswer {
    const { realm, version } = prepared.call;
    const answer = { status: error.status, body: asBody(error, realm, version), headers };
    if (!error.validation) this.#save(prepared.call, prepared.key, requestId, answer);
    return answer;
  }

  #save(call: Call, key: KeyUse | undefined, request: string, { status, body }: ApiAnswer): void {
    // /v2 repeats work that failed and only replays success.
    if (!key || (call.path.startsWith('/v2/') && status >= 400)) return;
    const saved = {
      fingerprint: key.fingerprint,
      path: key.path,
      status,
      body,
      request,
      created: call.realm.now,
    };
    this.#idempotency.save(call.realm, key.key, saved);
  }

  #show(call: Call, result: StripeObject, paths: string[]): StripeObject {
    const { realm, operation, version } = call;
    const { includes, live } = this.#resources;
    const find = (where: Realm, kinds: string[], id: string): StripeObject | undefined => {
      const found = findAcross(where, kinds, id);
      return found && (live[found.object ?? '']?.(where, found) ?? found);
    };
    const shown = refresh(realm, result, live);
    const expanded = expand({ realm, includes, find, version }, shown, operation.out, paths);
    return render(realm, expanded, version);
  }
}

function refresh(realm: Realm, result: StripeObject, live: Resources['live']): StripeObject {
  const data = result.object === 'list' ? (result['data'] as StripeObject[]) : undefined;
  if (data) {
    const update = live[data[0]?.object ?? ''];
    return update ? { ...result, data: data.map((item) => update(realm, item)) } : result;
  }
  return live[result.object ?? '']?.(realm, result) ?? result;
}

/**
 * The error as JSON; once it is known whose request it was, with the place of its log entry, and what it
 * shows of a payment in the form of the request's version.
 */
function asBody(error: StripeError, realm?: Realm, version?: string): StripeObject {
  if (!realm?.request) return { error: error.body };
  const request_log_url = `${realm.engine.settings.url}/_sim/requests/${realm.request.id}`;
  const body = { error: { ...hintOtherMode(realm, error.body), request_log_url } };
  return version === undefined ? body : render(realm, body, version);
}
