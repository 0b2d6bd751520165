import type { Contract } from './contract/contract.ts';
import { defaultsOf } from './contract/defaults.ts';
import type { Deliver } from './events/announce.ts';
import type { Faults } from './faults/faults.ts';
import { newId, type Random } from './ids.ts';
import type { HiddenKinds, Kind, Kinds, ThinEvent } from './kinds.ts';
import { noSuch, nounOf } from './server/errors.ts';
import type { Hidden, Row, Store, StripeObject, World } from './store/store.ts';
import type { CliHub } from './stripecli/hub.ts';
import type { MovableClock } from './time/clock.ts';
import type { Tasks } from './time/tasks.ts';

/** What everything in the simulator shares; wired once in index.ts. */
export interface Engine {
  contract: Contract;
  store: Store;
  clock: MovableClock;
  random: Random;
  tasks: Tasks;
  faults: Faults;
  settings: Settings;
  announce: Announce;
  announceThin: AnnounceThin;
  /** Sends an event that exists to one subscriber. */
  deliver: Deliver;
  /** The listeners of the Stripe CLI. */
  cli: CliHub;
}

interface Settings {
  /** Where the simulator answers, without a slash at the end. Known once it listens. */
  url: string;
  /**
   * The platform's own account. Every well-formed secret key that was not handed out to another belongs to
   * it.
   */
  account: string;
  /** The version of requests and endpoints that name none. */
  apiVersion: string;
  /** What a catalogue holds is made when it is first named. */
  assumeExisting: ((what: string) => void) | null;
  /** The app under test, until the control API says otherwise; see connect/apps/app.ts. */
  app: { id: string; secret: string };
}

/** Makes an event of this, stores it and hands it to the endpoints that asked for it. */
export type Announce = (realm: Realm, type: string, object: StripeObject, previous?: StripeObject) => string;

/** Makes a thin event that has no snapshot twin; for `only` one destination when given. */
type AnnounceThin = (realm: Realm, fields: Partial<ThinEvent>, only?: string) => ThinEvent;

/** The API request that is being answered; absent when time, not a caller, changed something. */
export interface RequestMark {
  id: string;
  idempotencyKey: string | null;
}

/** One account in one mode, as a behaviour sees it: what it may read, write, announce and plan. */
export class Realm implements World {
  readonly engine: Engine;
  readonly account: string;
  readonly livemode: boolean;
  readonly request: RequestMark | null;
  readonly #moment: number | null;

  /** `moment` in Unix seconds is the time of a test clock; null means the simulator's own. */
  constructor(engine: Engine, world: World, request: RequestMark | null, moment: number | null = null) {
    this.engine = engine;
    this.account = world.account;
    this.livemode = world.livemode;
    this.request = request;
    this.#moment = moment;
  }

  /** The same request in the same mode, acting on another account. */
  as(account: string): Realm {
    if (account === this.account) return this;
    return new Realm(this.engine, { account, livemode: this.livemode }, this.request, this.#moment);
  }

  /** The same request at another time, as objects under a test clock live it. */
  at(moment: number): Realm {
    return new Realm(this.engine, this, this.request, moment);
  }

  /** The platform, to which connected accounts and their events belong. */
  get platform(): Realm {
    return this.as(this.engine.settings.account);
  }

  /** Unix seconds on the simulator's clock, or on the test clock that this is about. */
  get now(): number {
    return this.#moment ?? this.engine.clock.seconds();
  }

  newId(kind: string): string {
    return newId(this.engine.random, kind, this.livemode);
  }

  secret(length: number): string {
    return this.engine.random.text(length);
  }

  row(kind: string, id: string | null | undefined): Row | undefined {
    return id === null || id === undefined ? undefined : this.engine.store.table(this, kind).get(id);
  }

  get<K extends Kind>(kind: K, id: string | null | undefined): Kinds[K] | undefined {
    return this.row(kind, id)?.object as Kinds[K] | undefined;
  }

  /**
   * The object that a parameter names; what is not there is Stripe's `resource_missing`, naming that
   * parameter.
   */
  need<K extends Kind>(kind: K, id: string, param = 'id'): Kinds[K] {
    const found = this.get(kind, id);
    if (!found) throw noSuch(nounOf(kind), id, param);
    return found;
  }

  /** The object that the path names; what is not there is Stripe's 404. */
  named<K extends Kind>(kind: K, id: string, param = 'id'): Kinds[K] {
    const found = this.get(kind, id);
    if (!found) throw noSuch(nounOf(kind), id, param, 404);
    return found;
  }

  /** What the simulator knows about an object and Stripe would not show; empty when there is nothing. */
  hidden<K extends keyof HiddenKinds>(kind: K, id: string): Partial<HiddenKinds[K]> {
    return (this.row(kind, id)?.hidden ?? {}) as Partial<HiddenKinds[K]>;
  }

  /** The objects of one kind whose indexed field has this value, oldest first. */
  where<K extends Kind>(kind: K, field: string, value: string): Kinds[K][] {
    return this.engine.store
      .table(this, kind)
      .where(field, value)
      .map((row) => row.object as unknown as Kinds[K]);
  }

  /** Stores a new object: Stripe's defaults, an id, `created` and `livemode`, then `fields`. */
  insert<K extends Kind>(kind: K, fields: Partial<Kinds[K]>, hidden?: Hidden): Kinds[K] {
    return this.insertRaw(kind, fields, hidden) as unknown as Kinds[K];
  }

  insertRaw(kind: string, fields: StripeObject, hidden?: Hidden): StripeObject {
    const defaults = defaultsOf(this.engine.contract, kind);
    const object: Record<string, unknown> = { ...defaults, ...fields };
    object['id'] ??= this.newId(kind);
    if ('created' in defaults) object['created'] ??= this.now;
    if ('livemode' in defaults) object['livemode'] = this.livemode;
    this.engine.store.put(this, kind, object['id'] as string, object, hidden);
    return object;
  }

  /** Replaces an object by one with these fields changed, and returns the new one. */
  change<K extends Kind>(kind: K, id: string, changes: Partial<Kinds[K]>, hidden?: Hidden): Kinds[K] {
    const row = this.row(kind, id);
    if (!row) throw noSuch(kind, id);
    const object = { ...row.object, ...changes };
    this.engine.store.put(this, kind, id, object, hidden && { ...row.hidden, ...hidden });
    return object as unknown as Kinds[K];
  }

  /** Changes what is hidden about an object and nothing else. */
  conceal(kind: Kind, id: string, hidden: Hidden): void {
    const row = this.row(kind, id);
    if (row) this.engine.store.put(this, kind, id, row.object, { ...row.hidden, ...hidden });
  }

  remove(kind: string, id: string): void {
    this.engine.store.remove(this, kind, id);
  }

  /** Announces an event about the object as it is now; returns the event's id. */
  emit(type: string, object: object, previous?: object): string {
    return this.engine.announce(this, type, object as StripeObject, previous as StripeObject | undefined);
  }

  /** Plans something about an object, by its name in the table of tasks. */
  later(task: string, about: string, delaySeconds: number): void {
    this.engine.tasks.plan(this, task, about, delaySeconds * 1000);
  }
}
