import { hearsOf } from '../connect/apps/permissions.ts';
import type { Engine, Realm } from '../realm.ts';
import type { Row, Store, World } from '../store/store.ts';
import type { SigningSecret } from './sign.ts';

export const ENDPOINT = 'webhook_endpoint';
export const DESTINATION = 'v2.core.event_destination';
/** A listener of the Stripe CLI; see stripecli/. */
export const CLI_SESSION = '_cli_session';

/** Where events go: a webhook endpoint of /v1 or a webhook destination of /v2. */
export interface Subscriber {
  world: World;
  kind: typeof ENDPOINT | typeof DESTINATION | typeof CLI_SESSION;
  id: string;
  url: string;
  enabled: boolean;
  /** Snapshot or thin events. */
  payload: 'snapshot' | 'thin';
  /** The version that snapshots are rendered in; null for the account's own. */
  apiVersion: string | null;
  /** Events of connected accounts, and not of the account itself. */
  connect: boolean;
  wanted: readonly string[];
  secrets: readonly SigningSecret[];
}

/** What is the same of all listeners: what they are sent is signed and rendered by stripecli/. */
const LISTENER = {
  kind: CLI_SESSION,
  url: '',
  enabled: true,
  apiVersion: null,
  connect: false,
  wanted: ['*'],
  secrets: [],
} as const;

interface EndpointFields {
  url?: string;
  status: string;
  api_version?: string | null;
  snapshot_api_version?: string;
  event_payload?: 'snapshot' | 'thin';
  events_from?: string[];
  enabled_events: string[];
}

interface EndpointHidden {
  url?: string;
  connect?: boolean;
  secrets: SigningSecret[];
}

/** An event, as far as who gets it depends on it. */
export interface Topic {
  payload: 'snapshot' | 'thin';
  type: string;
  /** The kind of object that it is about. */
  kind: string;
}

/** Everybody who is to get an event of this type from this account, of the given payload style. */
export function subscribersOf(realm: Realm, { payload, type, kind }: Topic): Subscriber[] {
  const wanting = audience(realm).filter(
    (each) => each.enabled && each.payload === payload && wants(each, type),
  );
  // An app hears only of what it was granted; the account's own endpoints are no app's.
  const heard = wanting.length === 0 || hearsOf(realm, type, kind);
  return heard ? wanting : wanting.filter(({ world }) => world.account === realm.account);
}

/** True when somebody listens for thin events at all; only then are they made. */
export function thinIsWanted(realm: Realm): boolean {
  return audience(realm).some(({ payload }) => payload === 'thin');
}

/** One endpoint or destination; undefined once it was deleted, and for what is no endpoint. */
export function subscriber(engine: Engine, world: World, kind: string, id: string): Subscriber | undefined {
  const row = kind === CLI_SESSION ? undefined : engine.store.table(world, kind).get(id);
  return row && asSubscriber(row);
}

export function asSubscriber(row: Row): Subscriber {
  const fields = row.object as unknown as EndpointFields;
  const hidden = row.hidden as unknown as EndpointHidden;
  const isEndpoint = row.kind === ENDPOINT;
  return {
    world: { account: row.account, livemode: row.livemode },
    kind: isEndpoint ? ENDPOINT : DESTINATION,
    id: row.id,
    url: hidden.url ?? fields.url ?? '',
    enabled: fields.status === 'enabled',
    payload: fields.event_payload ?? 'snapshot',
    apiVersion: (isEndpoint ? fields.api_version : fields.snapshot_api_version) ?? null,
    connect: hidden.connect ?? fields.events_from?.includes('@accounts') ?? false,
    wanted: fields.enabled_events,
    secrets: hidden.secrets,
  };
}

/** The account's own endpoints and, for a connected account, the platform's Connect endpoints. */
function audience({ engine, account, livemode }: Realm): Subscriber[] {
  const { settings, store } = engine;
  const rows = (world: World): Subscriber[] =>
    [ENDPOINT, DESTINATION].flatMap((kind) =>
      store
        .table(world, kind)
        .order.filter((row) => !row.gone)
        .map(asSubscriber),
    );
  const home = { account, livemode };
  const own = [...rows(home).filter(({ connect }) => !connect), ...listeners(store, home)];
  if (account === settings.account) return own;
  const modes = modesToldOf(engine, account, livemode);
  if (modes.length === 0) return own;
  const platform = modes.flatMap((mode) => rows({ account: settings.account, livemode: mode }));
  const watching = listeners(store, { account: settings.account, livemode });
  return [...own, ...platform.filter(({ connect }) => connect), ...watching];
}

/**
 * The modes whose Connect endpoints hear of an account: none once it is gone. A live Connect endpoint gets
 * test events too, as docs.stripe.com/connect/webhooks says; that is how it is at Stripe, and a trap. Of an
 * account that only has our app installed it gets them when the app is installed in live mode as well: see
 * docs.stripe.com/stripe-apps/handling-modes.
 */
function modesToldOf({ settings, store }: Engine, account: string, livemode: boolean): boolean[] {
  const world = (mode: boolean): World => ({ account: settings.account, livemode: mode });
  const hidden = store.table(world(livemode), 'account').get(account)?.hidden;
  if (hidden?.['gone'] === true) return [];
  if (livemode) return [true];
  const both =
    hidden?.['via'] !== 'app' ||
    store.table(world(true), 'apps.install').where('account', account).length > 0;
  return both ? [false, true] : [false];
}

/** The account's `stripe listen`s: each takes every event of the payload styles that it asked for. */
function listeners(store: Store, world: World): Subscriber[] {
  return store
    .table(world, CLI_SESSION)
    .order.filter((row) => !row.gone && row.object['connected'] === true)
    .flatMap((row) => {
      const features = row.object['features'] as string[];
      const payloads = [
        ...(features.includes('webhooks') ? (['snapshot'] as const) : []),
        ...(features.includes('v2_events') ? (['thin'] as const) : []),
      ];
      return payloads.map((payload) => ({ ...LISTENER, world, id: row.id, payload }));
    });
}

function wants({ wanted }: Subscriber, type: string): boolean {
  return wanted.includes('*') || wanted.includes(type);
}
