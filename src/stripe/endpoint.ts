import Stripe from 'stripe';
import type { StripeClients } from './clients.ts';
import { unlessMissing } from './failures.ts';

type Client = ReturnType<StripeClients['own']>;

/** A webhook endpoint at Stripe and the secret it was created with; Stripe tells the secret only once. */
export interface KnownEndpoint {
  id: string;
  url: string;
  secret: string;
}

/** What our own account hears of the accounts that /v2 makes; their other events are their own. */
const ACCOUNT_EVENTS: Stripe.V2.Core.EventDestinationCreateParams['enabled_events'] = [
  'v2.core.account.created',
  'v2.core.account.updated',
  'v2.core.account.closed',
  'v2.core.account[identity].updated',
  'v2.core.account[defaults].updated',
  'v2.core.account[requirements].updated',
  'v2.core.account[future_requirements].updated',
  'v2.core.account[configuration.recipient].updated',
  'v2.core.account[configuration.recipient].capability_status_updated',
  'v2.core.account[configuration.merchant].updated',
  'v2.core.account[configuration.merchant].capability_status_updated',
  'v2.core.account_link.returned',
  'v2.core.account_person.created',
  'v2.core.account_person.updated',
  'v2.core.account_person.deleted',
];

/**
 * Makes sure that Stripe posts all events of our account to `url`, or with `connect` those of the accounts
 * connected to it: keeps `known` if it is still there and right, else creates an endpoint.
 */
export async function ensureEndpoint(
  stripe: Client,
  url: string,
  { known, connect = false }: { known?: KnownEndpoint | undefined; connect?: boolean } = {},
): Promise<KnownEndpoint> {
  if (known) {
    const endpoint = await unlessMissing(stripe.webhookEndpoints.retrieve(known.id));
    if (endpoint?.url === url && endpoint.status === 'enabled') return known;
    if (endpoint) await stripe.webhookEndpoints.del(known.id);
  }
  const created = await stripe.webhookEndpoints.create({
    url,
    enabled_events: ['*'],
    connect,
    // As the library reads them; without it they are written as was usual when the account was made.
    api_version: Stripe.API_VERSION,
  });
  return { id: created.id, url, secret: created.secret as string };
}

/** The same for thin events about accounts, which go to a destination of /v2. */
export async function ensureDestination(
  stripe: Client,
  url: string,
  { known }: { known?: KnownEndpoint | undefined } = {},
): Promise<KnownEndpoint> {
  const { eventDestinations } = stripe.v2.core;
  if (known) {
    const include = ['webhook_endpoint.url' as const];
    const destination = await unlessMissing(eventDestinations.retrieve(known.id, { include }));
    if (destination?.webhook_endpoint?.url === url && destination.status === 'enabled') return known;
    if (destination) await eventDestinations.del(known.id);
  }
  const created = await eventDestinations.create({
    name: 'Quittance: connected accounts',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ACCOUNT_EVENTS,
    webhook_endpoint: { url },
    include: ['webhook_endpoint.signing_secret'],
  });
  return { id: created.id, url, secret: created.webhook_endpoint?.signing_secret as string };
}
