import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import { emptyList } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, filled, group, number, text } from '../params.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { meterOf, note } from './events.ts';
import { aggregate, valuesOf } from '../subscriptions/usage.ts';

type Meter = Stripe.Billing.Meter;

const WINDOW_SECONDS: Readonly<Record<string, number>> = { day: DAY_SECONDS, hour: 3600 };

/** docs.stripe.com/api/billing/meter */
export const meters: Resource = {
  routes: {
    'POST /v1/billing/meters': create,
    'POST /v1/billing/meters/{}': update,
    'POST /v1/billing/meters/{}/deactivate': (call) => switchTo(call, 'inactive'),
    'POST /v1/billing/meters/{}/reactivate': (call) => switchTo(call, 'active'),
    'GET /v1/billing/meters/{}/event_summaries': summaries,
    'POST /v1/billing/meter_events': ({ realm, params }) => note(realm, params),
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
