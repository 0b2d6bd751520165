import { readFileSync } from 'node:fs';
import type { ThinEvent } from '../kinds.ts';
import type { Contract } from '../contract/contract.ts';
import type { Announce, Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { DESTINATION, subscribersOf, thinIsWanted, type Subscriber } from './subscribers.ts';

/** docs.stripe.com/api/events: events can be read for 30 days. */
export const EVENT_KEPT_SECONDS = 30 * 24 * 3600;

/** How many outdated events each new one sweeps away, so that the store does not grow for ever. */
const SWEEP_ROWS = 2;

const TYPES_FILE = new URL('../../../generated/event-types.json', import.meta.url);

interface EventTypes {
  snapshot: Set<string>;
  thin: Set<string>;
}

/** Hands a delivery of this event to this subscriber; in the transaction that made the event. */
export type Deliver = (realm: Realm, eventKind: string, event: StripeObject, to: Subscriber) => void;

/** The types of event that Stripe has, as the build wrote them. */
export function loadEventTypes(): EventTypes {
  const types = JSON.parse(readFileSync(TYPES_FILE, 'utf8')) as { snapshot: string[]; thin: string[] };
  return { snapshot: new Set(types.snapshot), thin: new Set(types.thin) };
}

/**
 * Makes the function that turns a change into an event: the object as it is now, frozen, for everybody who
 * asked for the type; and its thin twin, if anybody listens for thin events.
 */
export function makeAnnounce(types: EventTypes, deliver: Deliver): Announce {
  return (realm, type, object, previous) => {
    if (!types.snapshot.has(type)) return '';
    sweep(realm);
    const event = snapshotEvent(realm, type, object, previous);
    realm.engine.store.put(realm, 'event', event.id, event);
    const kind = object.object ?? '';
    for (const each of subscribersOf(realm, { payload: 'snapshot', type, kind }))
      deliver(realm, 'event', event, each);
    if (types.thin.has(`v1.${type}`) && thinIsWanted(realm))
      announceThin(realm, deliver, twinOf(realm, event));
    return event.id;
  };
}

/** Stores a thin event and hands it to those who want it; to `only` one of them when given, as a ping is. */
export function announceThin(
  realm: Realm,
  deliver: Deliver,
  fields: Partial<ThinEvent>,
  only?: string,
): ThinEvent {
  const thin = {
    id: `evt_${realm.livemode ? '' : 'test_'}${realm.secret(52)}`,
    object: 'v2.core.event',
    type: '',
    livemode: realm.livemode,
    created: new Date(realm.engine.clock.now()).toISOString(),
    ...(realm.account !== realm.engine.settings.account && { context: realm.account }),
    ...(realm.request && { reason: reasonOf(realm) }),
    ...fields,
  } as ThinEvent;
  const stored = thin as unknown as StripeObject;
  realm.engine.store.put(realm, 'v2.core.event', thin.id, stored);
  const kind = thin.related_object?.type ?? '';
  for (const each of subscribersOf(realm, { payload: 'thin', type: thin.type, kind }))
    if (only === undefined || each.id === only) deliver(realm, 'v2.core.event', stored, each);
  return thin;
}

/** What a ping of a destination announces. */
export function pingOf(destination: string): Partial<ThinEvent> {
  return {
    type: 'v2.core.event_destination.ping',
    related_object: {
      id: destination,
      type: DESTINATION,
      url: `/v2/core/event_destinations/${destination}`,
    },
  };
}

function snapshotEvent(
  realm: Realm,
  type: string,
  object: StripeObject,
  previous: StripeObject | undefined,
): StripeObject & { id: string } {
  const { settings } = realm.engine;
  return {
    id: realm.newId('event'),
    object: 'event',
    ...(realm.account !== settings.account && { account: realm.account }),
    api_version: settings.apiVersion,
    // Events tell when Stripe said so, also of what happened under a test clock.
    created: realm.engine.clock.seconds(),
    data: previous ? { object, previous_attributes: previous } : { object },
    livemode: realm.livemode,
    pending_webhooks: 0,
    request: { id: realm.request?.id ?? null, idempotency_key: realm.request?.idempotencyKey ?? null },
    type,
  };
}

function twinOf({ engine }: Realm, event: StripeObject): Partial<ThinEvent> {
  const { object } = event['data'] as { object: StripeObject };
  const id = object.id ?? '';
  const kind = object.object ?? '';
  return {
    type: `v1.${event['type'] as string}`,
    snapshot_event: event.id,
    related_object: { id, type: kind, url: `${collectionOf(engine.contract, kind)}/${id}` },
  };
}

function reasonOf({ request }: Realm): ThinEvent['reason'] {
  if (!request) return undefined;
  const idempotency_key = request.idempotencyKey ?? undefined;
  return { type: 'request', request: { id: request.id, ...(idempotency_key && { idempotency_key }) } };
}

function collectionOf(contract: Contract, kind: string): string {
  return contract.collectionOf(kind) ?? `/v1/${kind}s`;
}

function sweep(realm: Realm): void {
  const { store, clock } = realm.engine;
  const oldest = clock.seconds() - EVENT_KEPT_SECONDS;
  for (const row of store.table(realm, 'event').order.slice(0, SWEEP_ROWS)) {
    if (row.gone || (row.object['created'] as number) > oldest) continue;
    store.remove(realm, 'event', row.id);
    for (const delivery of store.table(realm, '_delivery').where('event', row.id))
      store.remove(realm, '_delivery', delivery.id);
  }
}
