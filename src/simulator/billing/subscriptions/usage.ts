import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Period } from '../time/calendar.ts';

/** How many units of a metered price a customer used in a period, as its meter counts them. */
export function usageOf(realm: Realm, price: Stripe.Price, customer: string, period: Period): number {
  const meter = realm.get('billing.meter', price.recurring?.meter);
  return meter ? aggregate(meter, valuesOf(realm, meter, customer, period)) : 0;
}

/** What was reported to a meter for a customer in a period, oldest first. */
export function valuesOf(
  realm: Realm,
  meter: Stripe.Billing.Meter,
  customer: string,
  period: Period,
): number[] {
  const rows = realm.engine.store.table(realm, 'billing.meter_event').where('event_name', meter.event_name);
  return rows.flatMap(({ id, object }) => {
    const hidden = realm.hidden('billing.meter_event', id);
    const at = object['timestamp'] as number;
    const counts = hidden.customer === customer && hidden.canceled !== true;
    return counts && at >= period.start && at < period.end ? [hidden.value ?? 0] : [];
  });
}

/** The values as the meter adds them up. */
export function aggregate({ default_aggregation }: Stripe.Billing.Meter, values: readonly number[]): number {
  if (default_aggregation.formula === 'count') return values.length;
  if (default_aggregation.formula === 'last') return values.at(-1) ?? 0;
  return values.reduce((sum, value) => sum + value, 0);
}
