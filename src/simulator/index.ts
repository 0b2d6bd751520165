import { systemClock } from '../clock.ts';
import { QuittanceError } from '../errors.ts';
import { loadContract } from './contract/contract.ts';
import { announceThin, loadEventTypes, makeAnnounce } from './events/announce.ts';
import { Deliveries } from './events/deliveries.ts';
import { Faults } from './faults/faults.ts';
import { makeRandom } from './ids.ts';
import { INDEXED } from './kinds.ts';
import type { SimulatorOptions } from './options.ts';
import { Realm, type Engine } from './realm.ts';
import { EXTRA_ROUTES, resources } from './resources/index.ts';
import { Api } from './server/api.ts';
import { listen } from './server/http.ts';
import { Idempotency } from './server/idempotency.ts';
import { makeSite } from './site.ts';
import { Journal } from './store/journal.ts';
import { CliHub } from './stripecli/hub.ts';
import { makeUpgrade } from './stripecli/upgrade.ts';
import { Store, type StripeObject } from './store/store.ts';
import { MovableClock } from './time/clock.ts';
import { Tasks } from './time/tasks.ts';
import { Timekeeper } from './time/timekeeper.ts';
import { isVersion } from './versions/params.ts';

export type { Fault, FaultKind } from './faults/faults.ts';
export type { SimulatorOptions } from './options.ts';

/** A free one, so that tests may run beside each other; the command has a port of its own. */
const PORT = 0;
const HOST = '127.0.0.1';
const REDIRECT_WAIT_MS = 10_000;

/** The account that every key belongs to which was not handed out to another. */
const PLATFORM_ACCOUNT = 'acct_1Quittance000000';

/** The app under test: its id and, as Stripe shows one after an upload, its signing secret. */
const APP = { id: 'com.example.app', secret: 'absec_QuittanceSimulator00000000' };

/** A running local Stripe. */
export interface Simulator {
  /** Where it answers, for example `http://127.0.0.1:12111`; no slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The id of the account that secret keys belong to. */
  readonly account: string;
  readonly clock: SimulatorClock;
  /** What is to go wrong. */
  readonly faults: Pick<Faults, 'add' | 'clear' | 'list'>;
  /** Resolves when every event that is due has been sent and answered. */
  deliveriesSettled(): Promise<void>;
  /** Forgets every object, event, endpoint and fault. The clock stays where it is. */
  reset(): Promise<void>;
  /** Stops answering. What was answered is on disk, if there is a `dataDir`. */
  close(): Promise<void>;
}

/** The simulator's time. It can be moved forward, never back. */
export interface SimulatorClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Moves time on, and does on the way whatever falls due: retries, expiries, bank debits. Resolves when
   * done.
   */
  advance(seconds: number): Promise<void>;
}

/** Starts a local, stateful Stripe. Rejects with code `port_taken` when something else listens there. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = HOST, port = PORT, log = () => undefined } = options;
  const parts = wire(options);
  const { engine, deliveries, timekeeper, journal } = parts;
  const site = makeSite({ ...parts, log, redirectWaitMs: options.redirectWaitMs ?? REDIRECT_WAIT_MS });
  const address = { host, port, unixSocket: options.unixSocket };
  const server = await listen(site, address, log, makeUpgrade(engine.cli)).catch((thrown: unknown) => {
    journal?.close();
    throw thrown;
  });
  engine.settings.url = `http://${host}:${server.port}`;
  return {
    url: engine.settings.url,
    host,
    port: server.port,
    account: engine.settings.account,
    clock: { now: () => engine.clock.now(), advance: (seconds) => timekeeper.advance(seconds) },
    faults: engine.faults,
    deliveriesSettled: () => deliveries.settled(),
    reset: () => timekeeper.reset(),
    close: async () => {
      engine.tasks.stop();
      engine.cli.close();
      await server.close();
      await deliveries.close();
      journal?.close();
    },
  };
}

/** Puts the parts together; the only place that knows all of them. */
function wire(options: SimulatorOptions) {
  const { seed, dataDir } = options;
  const contract = loadContract(EXTRA_ROUTES);
  const apiVersion = versionOf(options, contract.apiVersion);
  const journal = dataDir === undefined ? undefined : new Journal(dataDir);
  const clock = new MovableClock(options.clock ?? systemClock);
  const store = new Store(INDEXED, (rows) => journal?.write(rows));
  journal?.load(store);
  // The same seed must not make the same ids again for a store that already holds them.
  const text = seed === undefined || store.size === 0 ? seed : `${seed}:${store.size}`;
  const runTask = (world: { account: string; livemode: boolean }, name: string, about: string): void => {
    const realm = new Realm(engine, world, null);
    if (name === 'delivery.attempt') deliveries.attempt(realm, about);
    else resources.tasks[name]?.(realm, about);
  };
  const tasks = new Tasks(store, clock, runTask);
  const engine: Engine = {
    contract,
    store,
    clock,
    tasks,
    random: makeRandom(text),
    faults: new Faults(makeRandom(text === undefined ? undefined : `${text}:faults`)),
    settings: {
      url: '',
      account: PLATFORM_ACCOUNT,
      apiVersion,
      assumeExisting: options.assumeExisting === true ? () => {} : options.assumeExisting || null,
      app: { ...APP, id: options.app ?? APP.id },
    },
    announce: (realm: Realm, type: string, object: StripeObject, previous?: StripeObject) => {
      const event = announce(realm, type, object, previous);
      resources.follows[type]?.(realm, object);
      return event;
    },
    announceThin: (realm, fields, only) => announceThin(realm, deliveries.deliver, fields, only),
    deliver: (realm, eventKind, event, to) => deliveries.deliver(realm, eventKind, event, to),
    cli: new CliHub(() => engine),
  };
  const deliveries = new Deliveries(engine);
  const announce = makeAnnounce(loadEventTypes(), deliveries.deliver);
  const timekeeper = new Timekeeper(engine, deliveries);
  timekeeper.load();
  tasks.load();
  engine.cli.load();
  deliveries.load();
  const api = new Api(engine, resources, new Idempotency(store));
  return { engine, api, deliveries, timekeeper, journal };
}

/** The version that was asked for, refused at once when requests could not name it either. */
function versionOf({ apiVersion }: SimulatorOptions, newest: string): string {
  if (apiVersion === undefined || isVersion(apiVersion, newest)) return apiVersion ?? newest;
  const message =
    `apiVersion is ${JSON.stringify(apiVersion)}, which is no version of Stripe's API: it must be a date ` +
    `such as "2024-06-20" or "${newest}", and not newer than that.`;
  throw new QuittanceError({ code: 'invalid_options', message });
}
