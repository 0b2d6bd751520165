import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { group, number, text } from '../params.ts';
import { DAY_SECONDS } from '../time/calendar.ts';

type Meter = Stripe.Billing.Meter;

/** docs.stripe.com/api/billing/meter-event: how far back, and how far ahead, use may be reported. */
const PAST_SECONDS = 35 * DAY_SECONDS;
const AHEAD_SECONDS = 5 * 60;

/** Notes use. The same identifier counts once. */
export function note(realm: Realm, params: Params): StripeObject {
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

/** The active meter that counts events of this name. */
export function meterOf(realm: Realm, event: string): Meter | undefined {
  const row = realm.engine.store
    .table(realm, 'billing.meter')
    .order.find(
      ({ gone, object }) => !gone && object['event_name'] === event && object['status'] === 'active',
    );
  return row?.object as unknown as Meter | undefined;
}
