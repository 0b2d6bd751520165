import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { pingOf } from '../events/announce.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import { pageOf } from '../server/v2-page.ts';
import type { StripeObject } from '../store/store.ts';
import { checkUrl, newSecret } from './webhook-endpoints.ts';

const KIND = 'v2.core.event_destination';
type Destination = Stripe.V2.Core.EventDestination;

/** docs.stripe.com/api/v2/core/event-destinations; only webhooks are really delivered to. */
export const eventDestinations: Resource = {
  routes: {
    'POST /v2/core/event_destinations': create,
    'GET /v2/core/event_destinations': list,
    'GET /v2/core/event_destinations/{}': (call) => shown(call, named(call)),
    'POST /v2/core/event_destinations/{}': update,
    'DELETE /v2/core/event_destinations/{}': (call) => {
      const { id } = named(call);
      call.realm.remove(KIND, id);
      return { id, object: KIND };
    },
    'POST /v2/core/event_destinations/{}/disable': (call) => setStatus(call, 'disabled'),
    'POST /v2/core/event_destinations/{}/enable': (call) => setStatus(call, 'enabled'),
    'POST /v2/core/event_destinations/{}/ping': ping,
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  const endpoint = params['webhook_endpoint'] as { url: string } | undefined;
  const type = params['type'] as Destination['type'];
  if (type === 'webhook_endpoint' && !endpoint) throw missingParameter('webhook_endpoint');
  if (endpoint) checkUrl(endpoint.url, realm.livemode, 'webhook_endpoint[url]');
  const thin = params['event_payload'] === 'thin';
  if (thin && params['snapshot_api_version'] !== undefined)
    throw badParameter('snapshot_api_version is only allowed for snapshot events.', {
      param: 'snapshot_api_version',
    });
  const now = new Date(realm.engine.clock.now()).toISOString();
  const secret = newSecret(realm);
  const { settings } = realm.engine;
  const object = realm.insertRaw(
    KIND,
    {
      id: `ed_${realm.livemode ? '' : 'test_'}${realm.secret(52)}`,
      created: now,
      description: params['description'] ?? '',
      enabled_events: params['enabled_events'],
      event_payload: params['event_payload'],
      events_from: params['events_from'] ?? ['@self'],
      metadata: mergeMetadata({}, params['metadata']),
      name: params['name'],
      ...(!thin && { snapshot_api_version: params['snapshot_api_version'] ?? settings.apiVersion }),
      status: 'enabled',
      type,
      updated: now,
      webhook_endpoint: {},
    },
    { url: endpoint?.url, secrets: [{ secret, expires_at: null }] },
  );
  return shown(call, object as unknown as Destination, secret);
}

function list(call: Call): StripeObject {
  const rows = call.realm.engine.store.table(call.realm, KIND).order.filter((row) => !row.gone);
  return pageOf(call, rows.toReversed(), (row) => shown(call, row.object as unknown as Destination));
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = named(call);
  const endpoint = params['webhook_endpoint'] as { url: string } | undefined;
  if (endpoint) checkUrl(endpoint.url, realm.livemode, 'webhook_endpoint[url]');
  const { include: _include, webhook_endpoint: _endpoint, metadata, ...fields } = params;
  const after = change(realm, before.id, {
    ...fields,
    metadata: mergeMetadata(before.metadata, metadata),
  });
  if (endpoint) realm.conceal(KIND, before.id, { url: endpoint.url });
  return shown(call, after);
}

function setStatus(call: Call, status: Destination['status']): StripeObject {
  const { id } = named(call);
  const details = status === 'disabled' ? { disabled: { reason: 'user' } } : undefined;
  return shown(call, change(call.realm, id, { status, status_details: details }));
}

function ping(call: Call): StripeObject {
  const { realm } = call;
  const { id } = named(call);
  return realm.engine.announceThin(realm, pingOf(id), id) as unknown as StripeObject;
}

function change(realm: Realm, id: string, fields: Params): Destination {
  const updated = new Date(realm.engine.clock.now()).toISOString();
  return realm.change(KIND, id, { ...fields, updated });
}

function named({ realm, ids }: Call): Destination {
  return realm.named(KIND, ids[0] ?? '');
}

/** The address and the secret are only shown to who asks for them, the secret only once. */
function shown({ realm, params }: Call, destination: Destination, secret?: string): StripeObject {
  const include = (params['include'] ?? []) as string[];
  const { url } = (realm.row(KIND, destination.id)?.hidden ?? {}) as { url?: string };
  const webhook_endpoint = {
    ...(secret !== undefined &&
      include.includes('webhook_endpoint.signing_secret') && { signing_secret: secret }),
    ...(include.includes('webhook_endpoint.url') && { url }),
  };
  return { ...(destination as unknown as StripeObject), webhook_endpoint };
}
