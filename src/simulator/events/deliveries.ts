import { setMaxListeners } from 'node:events';
import type { Deliver } from './announce.ts';
import { post, type Outcome } from './post.ts';
import { Realm, type Engine } from '../realm.ts';
import type { World } from '../store/store.ts';
import { payloadOf } from './payload.ts';
import { waitAfter } from './retry.ts';
import { signatureHeader } from './sign.ts';
import { CLI_SESSION, subscriber } from './subscribers.ts';

/** What became of one event at one endpoint. */
export interface Delivery {
  id: string;
  event: string;
  event_kind: string;
  type: string;
  endpoint: string;
  endpoint_kind: string;
  endpoint_account: string;
  endpoint_livemode: boolean;
  /**
   * `pending` while Stripe would still try, `failed` once it has given up, `canceled` when the endpoint is
   * gone.
   */
  state: 'pending' | 'delivered' | 'failed' | 'canceled';
  attempts: Attempt[];
  /** A fault took it: nothing is sent although it counts as pending. */
  dropped: boolean;
}

/** One try: when (unix seconds), what came back and how long that took. */
export interface Attempt extends Outcome {
  at: number;
  /** Where a listener of the CLI had passed it on to. */
  forward_url?: string;
}

const KIND = '_delivery';
const ATTEMPT = 'delivery.attempt';

/** More at once would only fill the receiver's queue; Stripe limits itself as well. */
const IN_FLIGHT_MAX = 48;

/** Sends events, tries again as Stripe does, and tells who waits for that. */
export class Deliveries {
  readonly #engine: Engine;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #queue: { world: World; id: string }[] = [];
  readonly #watchers = new Set<() => void>();
  #abort = breakerOfMany();
  #closed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Plans the delivery of an event; faults may drop, double or delay it. */
  readonly deliver: Deliver = (realm, eventKind, event, to) => {
    const { copies, delaySeconds } = this.#engine.faults.forDelivery(String(event['type']));
    const delivery: Delivery = {
      id: `wh_${realm.secret(24)}`,
      event: event.id ?? '',
      event_kind: eventKind,
      type: String(event['type']),
      endpoint: to.id,
      endpoint_kind: to.kind,
      endpoint_account: to.world.account,
      endpoint_livemode: to.world.livemode,
      state: 'pending',
      attempts: [],
      dropped: copies === 0,
    };
    this.#engine.store.put(realm, KIND, delivery.id, { ...delivery });
    for (let copy = 0; copy < copies; copy += 1) realm.later(ATTEMPT, delivery.id, delaySeconds);
  };

  /** Plans again what was on its way when an earlier run ended. */
  load(): void {
    const { store } = this.#engine;
    const planned = new Set<unknown>();
    for (const { object } of store.everywhere('_task')) planned.add(object['about']);
    store.transaction(() => {
      for (const row of store.everywhere(KIND)) {
        const { state, dropped } = row.object as unknown as Delivery;
        if (state === 'pending' && !dropped && !planned.has(row.id))
          new Realm(this.#engine, row, null).later(ATTEMPT, row.id, 0);
      }
    });
  }

  /** The task that a planned attempt is. Runs in a transaction; the request itself follows after it. */
  readonly attempt = (realm: Realm, id: string): void => {
    if (this.#closed) return;
    const { account, livemode } = realm;
    this.#queue.push({ world: { account, livemode }, id });
    queueMicrotask(() => this.#drain());
  };

  /** Tries once more at once, whatever came of it before, and without touching the planned attempts. */
  resend(world: World, id: string): void {
    this.#queue.push({ world, id });
    this.#drain();
  }

  /** What an event still waits for, and whether all of it succeeded so far. */
  ofEvent(world: World, event: string): Delivery[] {
    const rows = this.#engine.store.table(world, KIND).where('event', event);
    return rows.map((row) => row.object as unknown as Delivery);
  }

  /** Resolves when nothing that is due is left to be sent or to be answered. */
  async settled(): Promise<void> {
    for (;;) {
      this.#engine.tasks.runDue();
      this.#drain();
      if (this.#inFlight.size === 0 && this.#queue.length === 0) return;
      await Promise.race(this.#inFlight);
    }
  }

  /** True once the event reached every endpoint; false when that took longer than `timeoutMs`. */
  async acknowledged(world: World, event: string, timeoutMs: number): Promise<boolean> {
    // A listener that has gone can't be waited for.
    const done = (): boolean =>
      this.ofEvent(world, event).every(
        ({ state, endpoint, endpoint_kind: kind }) =>
          state === 'delivered' || (kind === CLI_SESSION && !this.#engine.cli.isThere(endpoint)),
      );
    if (done()) return true;
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(result);
      };
      const look = (): void => {
        if (done()) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#watchers.add(look);
    });
  }

  /**
   * Breaks off what is on its way and forgets what waits; a receiver that never answers must hold up
   * nobody.
   */
  async abandon(): Promise<void> {
    this.#queue.length = 0;
    this.#abort.abort();
    this.#abort = breakerOfMany();
    await Promise.all(this.#inFlight);
  }

  /** As `abandon`, and starts nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.abandon();
  }

  #drain(): void {
    while (!this.#closed && this.#queue.length > 0 && this.#inFlight.size < IN_FLIGHT_MAX) {
      const next = this.#queue.shift();
      if (!next) return;
      const sending = this.#send(next.world, next.id).finally(() => {
        this.#inFlight.delete(sending);
        for (const look of this.#watchers) look();
        this.#drain();
      });
      this.#inFlight.add(sending);
    }
  }

  async #send(world: World, id: string): Promise<void> {
    const { store, clock } = this.#engine;
    const realm = new Realm(this.#engine, world, null);
    const delivery = realm.row(KIND, id)?.object as unknown as Delivery | undefined;
    if (!delivery) return;
    if (delivery.endpoint_kind === CLI_SESSION) {
      this.#engine.cli.push(world, delivery);
      return;
    }
    const event = realm.row(delivery.event_kind, delivery.event)?.object;
    const endpointWorld = { account: delivery.endpoint_account, livemode: delivery.endpoint_livemode };
    const to = subscriber(this.#engine, endpointWorld, delivery.endpoint_kind, delivery.endpoint);
    if (!event || !to) {
      store.transaction(() => this.#update(world, id, { state: 'canceled' }));
      return;
    }
    const at = clock.seconds();
    const pending = this.ofEvent(world, delivery.event).filter(({ state }) => state === 'pending').length;
    const body = Buffer.from(payloadOf(this.#engine, event, to, pending));
    const signature = signatureHeader(body, to.secrets, at);
    const outcome: Outcome = to.enabled
      ? await post(to.url, body, signature, this.#abort.signal)
      : { status: null, error: 'endpoint_disabled', response: '', ms: 0 };
    // Broken off by our own end: it stays pending, and the next start sends it again.
    if (this.#closed) return;
    store.transaction(() => this.#record(realm, id, { at, ...outcome }));
  }

  #record(realm: Realm, id: string, attempt: Attempt): void {
    const delivery = realm.row(KIND, id)?.object as unknown as Delivery | undefined;
    if (!delivery) return;
    const attempts = [...delivery.attempts, attempt];
    const delivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    if (delivered || delivery.state !== 'pending') {
      const state = delivered ? 'delivered' : delivery.state;
      this.#update(realm, id, { attempts, state });
      return;
    }
    const wait = waitAfter(attempts.length, realm.livemode);
    this.#update(realm, id, { attempts, state: wait === undefined ? 'failed' : 'pending' });
    if (wait !== undefined) realm.later(ATTEMPT, id, wait);
  }

  #update(world: World, id: string, changes: Partial<Delivery>): void {
    const row = this.#engine.store.table(world, KIND).get(id);
    if (row) this.#engine.store.put(world, KIND, id, { ...row.object, ...changes });
  }
}

/** One signal for all that is on its way: Node warns of a leak when more than ten listen to one. */
function breakerOfMany(): AbortController {
  const breaker = new AbortController();
  setMaxListeners(IN_FLIGHT_MAX, breaker.signal);
  return breaker;
}
