import type Stripe from 'stripe';
import type { StripeClients } from './clients.ts';
import { ensureDestination, ensureEndpoint } from './endpoint.ts';

type Client = ReturnType<StripeClients['own']>;
type EventTypes = Stripe.WebhookEndpointUpdateParams['enabled_events'];

/** Events of our own account, of accounts connected to it, or thin events about accounts. */
export type EndpointKind = 'own' | 'connect' | 'thin';

/** A webhook endpoint as it is registered at Stripe. */
export interface RegisteredEndpoint {
  id: string;
  url: string;
  kind: EndpointKind;
  enabled: boolean;
  /** Event types; `*` means all. */
  events: readonly string[];
  /** In which version events are written; null when that is the account's own. */
  apiVersion: string | null;
}

const PAGE = 100;

/** Every endpoint of our account: those of /v1, and the destinations of /v2 that are not the same. */
export async function listRegistered(stripe: Client): Promise<RegisteredEndpoint[]> {
  const [endpoints, destinations] = await Promise.all([listEndpoints(stripe), listDestinations(stripe)]);
  const known = new Set(endpoints.map(({ id }) => id));
  return [...endpoints, ...destinations.filter(({ id }) => !known.has(id))];
}

/** What became of an endpoint. */
export interface Repaired {
  id: string;
  did: 'created' | 'mended' | 'nothing';
  /** Stripe's, told once: when it was created. */
  secret: string | null;
}

/**
 * Makes sure that an endpoint of this kind posts at least `events` to `url`: creates one when there is none,
 * enables it, and adds what is missing. What it sends besides is left as it is.
 */
export async function repairEndpoint(
  stripe: Client,
  { kind, url, events }: { kind: EndpointKind; url: string; events: readonly string[] },
): Promise<Repaired> {
  const all = (await listRegistered(stripe)).filter(
    (each) => each.kind === kind && isSameAddress(each.url, url),
  );
  const found = all.find(({ enabled }) => enabled) ?? all[0];
  if (!found) {
    const connect = kind === 'connect';
    const made = kind === 'thin' ? ensureDestination(stripe, url) : ensureEndpoint(stripe, url, { connect });
    const { id, secret } = await made;
    return { id, did: 'created', secret };
  }
  const missing = missingOf(found, events);
  if (found.enabled && missing.length === 0) return { id: found.id, did: 'nothing', secret: null };
  const enabled = (missing.length === 0 ? found.events : [...found.events, ...missing]) as EventTypes &
    string[];
  if (isDestination(found)) {
    const { eventDestinations } = stripe.v2.core;
    if (missing.length > 0) await eventDestinations.update(found.id, { enabled_events: enabled });
    if (!found.enabled) await eventDestinations.enable(found.id);
  } else await stripe.webhookEndpoints.update(found.id, { enabled_events: enabled, disabled: false });
  return { id: found.id, did: 'mended', secret: null };
}

/** Which of these types an endpoint does not send. */
export function missingOf({ events }: RegisteredEndpoint, wanted: readonly string[]): string[] {
  return events.includes('*') ? [] : wanted.filter((type) => !events.includes(type));
}

/** This machine has several names. */
export function isSameAddress(a: string, b: string): boolean {
  const plain = (url: string): string =>
    url.replace(/^http:\/\/(?:127\.0\.0\.1|\[::1\])(?=[:/]|$)/, 'http://localhost');
  return plain(a) === plain(b);
}

async function listEndpoints(stripe: Client): Promise<RegisteredEndpoint[]> {
  const { data } = await stripe.webhookEndpoints.list({ limit: PAGE }); // there can be 16
  return data.map(({ id, url, application, status, enabled_events: events, api_version: apiVersion }) => ({
    id,
    url,
    // Stripe names the application of an endpoint that is for connected accounts.
    kind: application === null ? 'own' : 'connect',
    enabled: status === 'enabled',
    events,
    apiVersion,
  }));
}

async function listDestinations(stripe: Client): Promise<RegisteredEndpoint[]> {
  const found: RegisteredEndpoint[] = [];
  const include = ['webhook_endpoint.url' as const];
  for await (const destination of stripe.v2.core.eventDestinations.list({ limit: PAGE, include })) {
    const {
      id,
      webhook_endpoint,
      status,
      enabled_events: events,
      event_payload,
      snapshot_api_version,
    } = destination;
    if (!webhook_endpoint?.url) continue; // posts to another cloud
    const ofOthers = destination.events_from?.some((from) => from !== '@self');
    const kind = event_payload === 'thin' ? 'thin' : ofOthers ? 'connect' : 'own';
    const apiVersion = snapshot_api_version ?? null;
    found.push({ id, url: webhook_endpoint.url, kind, enabled: status === 'enabled', events, apiVersion });
  }
  return found;
}

function isDestination({ id }: RegisteredEndpoint): boolean {
  return !id.startsWith('we_');
}
