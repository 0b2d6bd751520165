import { EVENT_KEPT_SECONDS } from '../events/announce.ts';
import type { Delivery } from '../events/deliveries.ts';
import { subscriber } from '../events/subscribers.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, noSuch } from '../server/errors.ts';
import { inRange, listPage } from '../server/list.ts';
import { pageOf } from '../server/v2-page.ts';
import type { Row, StripeObject } from '../store/store.ts';

const TYPES_MAX = 20;

/** docs.stripe.com/api/events and docs.stripe.com/api/v2/core/events */
export const events: Resource = {
  routes: {
    'GET /v1/events': listEvents,
    'GET /v1/events/{}': ({ realm, ids }) => kept(realm, 'event', ids[0] ?? ''),
    'GET /v2/core/events': listThin,
    'GET /v2/core/events/{}': ({ realm, ids }) => kept(realm, 'v2.core.event', ids[0] ?? ''),
  },
  live: {
    event: (realm, event) => {
      const pending = deliveriesOf(realm, event).filter(({ state }) => state === 'pending').length;
      return pending === event['pending_webhooks'] ? event : { ...event, pending_webhooks: pending };
    },
  },
};

function listEvents({ realm, params, path }: Call): StripeObject {
  const types = params['types'] as string[] | undefined;
  if (types && params['type'] !== undefined)
    throw badParameter('You may only specify one of these parameters: type, types.', {
      code: 'parameters_exclusive',
    });
  if (types && types.length > TYPES_MAX)
    throw badParameter(`You may only specify up to ${TYPES_MAX} types.`, { param: 'types' });
  return listPage({
    realm,
    kind: 'event',
    params,
    url: path,
    rows: rowsOfTypes(realm, types ?? (params['type'] as string | undefined)),
    filters: {
      type: (event, wanted) => fits(event['type'] as string, wanted as string),
      types: (event, wanted) => (wanted as string[]).includes(event['type'] as string),
      delivery_success: (event, wanted) => wasDelivered(realm, event) === wanted,
    },
    belongs: (row) => isKept(realm, row),
  });
}

function listThin(call: Call): StripeObject {
  const { realm, params } = call;
  const types = params['types'] as string[] | undefined;
  const about = params['object_id'] as string | undefined;
  const rows = realm.engine.store.table(realm, 'v2.core.event').order.filter((row) => {
    const related = row.object['related_object'] as { id: string } | undefined;
    const created = Date.parse(row.object['created'] as string) / 1000;
    return (
      !row.gone &&
      isKept(realm, row) &&
      (types?.includes(row.object['type'] as string) ?? true) &&
      (about === undefined || related?.id === about) &&
      (params['created'] === undefined || inRange(created, params['created']))
    );
  });
  return pageOf(call, rows.toReversed(), ({ object }) => object);
}

function kept(realm: Realm, kind: 'event' | 'v2.core.event', id: string): StripeObject {
  const row = realm.row(kind, id);
  if (!row || !isKept(realm, row)) throw noSuch('event', id);
  return row.object;
}

function isKept(realm: Realm, row: Row): boolean {
  const { created } = row.object as { created?: number | string };
  const seconds = typeof created === 'string' ? Date.parse(created) / 1000 : (created ?? 0);
  return seconds > realm.now - EVENT_KEPT_SECONDS;
}

/** The events of these types, oldest first, from the index; undefined when a group of types is meant. */
function rowsOfTypes(realm: Realm, types: string | string[] | undefined): readonly Row[] | undefined {
  if (types === undefined) return undefined;
  const table = realm.engine.store.table(realm, 'event');
  if (typeof types === 'string') return types.endsWith('*') ? undefined : table.where('type', types);
  return types.flatMap((type) => table.where('type', type)).toSorted((a, b) => a.seq - b.seq);
}

/** `charge.*` stands for every type that begins so. */
function fits(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function deliveriesOf({ engine, account, livemode }: Realm, { id }: StripeObject): Delivery[] {
  const rows = engine.store.table({ account, livemode }, '_delivery').where('event', id ?? '');
  return rows.map((row) => row.object as unknown as Delivery);
}

/** True unless an endpoint that still exists has not taken the event. */
function wasDelivered(realm: Realm, event: StripeObject): boolean {
  return deliveriesOf(realm, event).every(
    ({ state, endpoint, endpoint_kind, endpoint_account, endpoint_livemode }) => {
      const world = { account: endpoint_account, livemode: endpoint_livemode };
      return state === 'delivered' || !subscriber(realm.engine, world, endpoint_kind, endpoint);
    },
  );
}
