import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/generic.ts';
import { emptyList } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, filled, group, number, text } from '../params.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { aggregate, valuesOf } from '../subscriptions/usage.ts';

type Meter = Stripe.Billing.Meter;

/** docs.stripe.com/api/billing/meter-event: how far back, and how far ahead, use may be reported. */
const PAST_SECONDS = 35 * DAY_SECONDS;
const AHEAD_SECONDS = 5 * 60;

const WINDOW_SECONDS: Readonly<Record<string, number>> = { day: DAY_SECONDS, hour: 3600 };

/** docs.stripe.com/api/billing/meter */
export const meters: Resource = {
  routes: {
    'POST /v1/billing/meters': create,
    'POST /v1/billing/meters/{}': update,
    'POST /v1/billing/meters/{}/deactivate': (call) => switchTo(call, 'inactive'),
    'POST /v1/billing/meters/{}/reactivate': (call) => switchTo(call, 'active'),
    'GET /v1/billing/meters/{}/event_summaries': summaries,
    'POST /v1/billing/meter_events': report,
    'POST /v1/billing/meter_event_adjustments': adjust,
  },
};

function create({ realm, params }: Call): StripeObject {
  const event_name = text(params, 'event_name') ?? '';
  if (meterOf(realm, event_name))
    throw refused(`An active meter with the event name \`${event_name}\` exists already.`, {
      code: 'resource_already_exists',
      param: 'event_name',
    });
  const meter = realm.insert('billing.meter', {
    customer_mapping: {
      event_payload_key: 'stripe_customer_id',
      type: 'by_id',
      ...group(params, 'customer_mapping'),
    },
    default_aggregation: params['default_aggregation'] as Meter['default_aggregation'],
    display_name: text(params, 'display_name') ?? '',
    event_name,
    event_time_window: (params['event_time_window'] ?? null) as Meter['event_time_window'],
    status: 'active',
    status_transitions: { deactivated_at: null },
    updated: realm.now,
    value_settings: filled({ event_payload_key: 'value' }, params['value_settings']),
  });
  realm.emit('billing.meter.created', meter);
  return answer(meter);
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('billing.meter', id, 'id');
  const display_name = text(params, 'display_name') ?? before.display_name;
  const after = realm.change('billing.meter', id, { display_name, updated: realm.now });
  realm.emit('billing.meter.updated', after, differences(answer(before), answer(after)));
  return answer(after);
}

function switchTo({ realm, ids: [id = ''] }: Call, status: 'active' | 'inactive'): StripeObject {
  const before = realm.named('billing.meter', id, 'id');
  if (before.status === status) throw refused(`This meter is ${status} already.`);
  const after = realm.change('billing.meter', id, {
    status,
    status_transitions: { deactivated_at: status === 'active' ? null : realm.now },
    updated: realm.now,
  });
  realm.emit(status === 'active' ? 'billing.meter.reactivated' : 'billing.meter.deactivated', after);
  return answer(after);
}

/** Notes use. The same identifier counts once. */
function report({ realm, params }: Call): StripeObject {
  const event_name = text(params, 'event_name') ?? '';
  const meter = meterOf(realm, event_name);
  if (!meter)
    throw badParameter(`No active meter found for event name \`${event_name}\`.`, {
      code: 'resource_missing',
      param: 'event_name',
    });
  const payload = group(params, 'payload') as Record<string, string>;
  const customer = payload[meter.customer_mapping.event_payload_key];
  if (customer === undefined)
    throw badParameter(`The payload has no \`${meter.customer_mapping.event_payload_key}\`.`, {
      param: 'payload',
    });
  realm.need('customer', customer, `payload[${meter.customer_mapping.event_payload_key}]`);
  const timestamp = number(params, 'timestamp') ?? realm.now;
  checkTime(realm, customer, timestamp);
  const identifier = text(params, 'identifier') ?? `${realm.secret(8)}-${realm.secret(12)}`.toLowerCase();
  if (realm.row('billing.meter_event', identifier))
    throw refused(`An event already exists with identifier ${identifier}.`, {
      code: 'duplicate_meter_event',
      param: 'identifier',
    });
  const value = meter.default_aggregation.formula === 'count' ? 1 : valueIn(meter, payload);
  const event = { created: realm.now, event_name, identifier, livemode: realm.livemode, payload, timestamp };
  const shown = { object: 'billing.meter_event', ...event };
  realm.engine.store.put(realm, 'billing.meter_event', identifier, shown, {
    customer,
    event_name,
    value,
    canceled: false,
  });
  return shown;
}

function valueIn(meter: Meter, payload: Record<string, string>): number {
  const key = meter.value_settings.event_payload_key;
  const value = Number(payload[key]);
  if (payload[key] !== undefined && Number.isFinite(value)) return value;
  throw badParameter(`The payload's \`${key}\` must be a number.`, { param: `payload[${key}]` });
}

function checkTime(realm: Realm, customer: string, at: number): void {
  // On a test clock any time may be "now".
  if (realm.get('customer', customer)?.test_clock) return;
  if (at >= realm.now - PAST_SECONDS && at <= realm.now + AHEAD_SECONDS) return;
  throw badParameter('The timestamp must be within the past 35 days or up to 5 minutes in the future.', {
    code: 'timestamp_invalid',
    param: 'timestamp',
  });
}

/** Takes one event back. */
function adjust({ realm, params }: Call): StripeObject {
  const event_name = text(params, 'event_name') ?? '';
  const cancel = group(params, 'cancel') as { identifier?: string };
  const row = realm.row('billing.meter_event', cancel.identifier);
  if (!row || row.object['event_name'] !== event_name)
    throw badParameter(`No such meter event: '${cancel.identifier ?? ''}'`, {
      code: 'resource_missing',
      param: 'cancel[identifier]',
    });
  realm.conceal('billing.meter_event', row.id, { canceled: true });
  const shown = { cancel: { identifier: row.id }, event_name, livemode: realm.livemode, status: 'complete' };
  return { object: 'billing.meter_event_adjustment', ...shown, type: 'cancel' };
}

function summaries({ realm, params, ids: [id = ''], path }: Call): StripeObject {
  const meter = realm.named('billing.meter', id, 'id');
  const customer = text(params, 'customer') ?? '';
  const [start, end] = [number(params, 'start_time') ?? 0, number(params, 'end_time') ?? 0];
  const step = WINDOW_SECONDS[text(params, 'value_grouping_window') ?? ''] ?? Math.max(1, end - start);
  const data: Params[] = [];
  for (let from = start; from < end; from += step) {
    const values = valuesOf(realm, meter, customer, { start: from, end: Math.min(end, from + step) });
    if (values.length === 0 && step < end - start) continue;
    data.push({
      id: `mtrusg_test_${realm.secret(16)}`,
      object: 'billing.meter_event_summary',
      aggregated_value: aggregate(meter, values),
      end_time: Math.min(end, from + step),
      livemode: realm.livemode,
      meter: id,
      start_time: from,
    });
  }
  return { ...emptyList(path), data: data.toReversed() };
}

function meterOf(realm: Realm, event: string): Meter | undefined {
  const row = realm.engine.store
    .table(realm, 'billing.meter')
    .order.find(
      ({ gone, object }) => !gone && object['event_name'] === event && object['status'] === 'active',
    );
  return row?.object as unknown as Meter | undefined;
}
