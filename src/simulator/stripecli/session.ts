import { createHmac } from 'node:crypto';
import { CLI_SESSION } from '../events/subscribers.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { StripeError, badParameter, missingParameter } from '../server/errors.ts';
import type { Hidden, StripeObject } from '../store/store.ts';

/** What a listener may ask for; the CLI adds words with its versions, and unknown ones are no mistake. */
type Feature = 'webhooks' | 'v2_events' | 'request_logs';

/** A session of `stripe listen` or `stripe logs tail`, or of any other client that speaks as they do. */
export interface CliSession {
  id: string;
  features: Feature[];
  device: string;
  /** Where the CLI says it forwards to, as its user typed it; only for people to look at. */
  forward: Record<string, string>;
  /** Has been connected: before that nobody waits for anything. */
  connected: boolean;
  /** Which requests `logs tail` shows. */
  filters: Record<string, string[]>;
}

export interface CliSecrets {
  /** Signs what is sent. */
  secret: string;
  /** Opens the websocket; nothing else does, so it can't be guessed. */
  websocketId: string;
}

const SESSIONS_MAX = 100;
const WEBSOCKET_ID_CHARS = 32;
const FEATURE_LIMIT = 10;

/** The CLI closes and dials anew this long after connecting; an hour keeps the gaps rare. */
const RECONNECT_SECONDS = 3_600;

/** A session that nobody ever connects to, as `listen --print-secret` makes, is forgotten after this time. */
const UNUSED_SECONDS = 600;

const FORWARD = [
  'forward_to_url',
  'forward_connect_to_url',
  'forward_thin_to_url',
  'forward_thin_connect_to_url',
];

/** What `stripe listen` and `stripe logs tail` ask first; Stripe does not document it. */
export const cliSessions: Resource = {
  routes: { 'POST /v1/stripecli/sessions': create },
  tasks: {
    'cli.unused': (realm, id) => {
      const session = realm.row(CLI_SESSION, id)?.object as unknown as CliSession | undefined;
      if (session && !session.connected) realm.remove(CLI_SESSION, id);
    },
  },
};

function create({ realm, params }: Call): StripeObject {
  const device = params['device_name'];
  if (typeof device !== 'string' || device === '') throw missingParameter('device_name');
  const { store, settings, contract } = realm.engine;
  if (store.table(realm, CLI_SESSION).size >= SESSIONS_MAX) throw tooMany();
  const session: CliSession = {
    id: `clis_1${realm.secret(23)}`,
    features: featuresOf(params['websocket_features'] ?? params['websocket_feature']),
    device,
    forward: Object.fromEntries(
      FORWARD.flatMap((name) => (typeof params[name] === 'string' ? [[name, params[name]]] : [])),
    ),
    connected: false,
    filters: filtersOf(params['filters']),
  };
  const secrets: CliSecrets = {
    secret: secretOf(realm, device),
    websocketId: `cliws_${realm.secret(WEBSOCKET_ID_CHARS)}`,
  };
  store.put(realm, CLI_SESSION, session.id, { ...session }, secrets as unknown as Hidden);
  realm.later('cli.unused', session.id, UNUSED_SECONDS);
  return {
    object: 'stripecli.session',
    default_version: settings.apiVersion,
    device_token: session.id,
    display_connect_filter_warning: false,
    latest_version: contract.apiVersion,
    reconnect_delay: RECONNECT_SECONDS,
    secret: secrets.secret,
    websocket_authorized_feature: 'webhook-payloads',
    websocket_id: secrets.websocketId,
    websocket_url: `${socketBase(settings.url)}/subscribe/${realm.account}`,
  };
}

/**
 * The same device gets the same secret each time, also from a simulator that was started anew: servers are
 * told it once, through `--print-secret`.
 */
function secretOf({ account, livemode }: Realm, device: string): string {
  const hmac = createHmac('sha256', 'stripecli').update(JSON.stringify([account, livemode, device]));
  return `whsec_${hmac.digest('hex')}`;
}

/** The CLI takes plain websockets for 127.0.0.1 only, and a host that means "everywhere" is no address. */
function socketBase(url: string): string {
  return url.replace(/^http/, 'ws').replace(/\/\/(localhost|0\.0\.0\.0|\[::1?\]|::1?)(?=:)/, '//127.0.0.1');
}

function featuresOf(given: unknown): Feature[] {
  const named = (Array.isArray(given) ? given : [given ?? 'webhooks']) as unknown[];
  if (named.length > FEATURE_LIMIT) throw badParameter('Invalid array', { param: 'websocket_features' });
  return named.filter((name): name is Feature =>
    ['webhooks', 'v2_events', 'request_logs'].includes(name as Feature),
  );
}

function filtersOf(text: unknown): CliSession['filters'] {
  if (typeof text !== 'string' || text === '') return {};
  try {
    const given = JSON.parse(text) as Record<string, unknown>;
    const lists = Object.entries(given).filter(([, values]) => Array.isArray(values));
    return Object.fromEntries(lists.map(([name, values]) => [name, (values as unknown[]).map(String)]));
  } catch {
    throw badParameter('Invalid filters: they must be a JSON object.', { param: 'filters' });
  }
}

function tooMany(): StripeError {
  const message = `You have too many CLI sessions open: at most ${SESSIONS_MAX} are kept.`;
  return new StripeError(message, { status: 429, type: 'invalid_request_error', code: 'rate_limit' });
}
