import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Period } from '../time/calendar.ts';

/** How many units of a metered price a customer used in a period, as its meter counts them. */
export function usageOf(realm: Realm, price: Stripe.Price, customer: string, period: Period): number {
  const meter = realm.get('billing.meter', price.recurring?.meter);
  if (!meter) return 0;
  const rows = realm.engine.store.table(realm, 'billing.meter_event').where('event_name', meter.event_name);
  const values = rows.flatMap(({ id, object }) => {
    const hidden = realm.hidden('billing.meter_event', id);
    const at = object['timestamp'] as number;
    const counts =
      hidden.customer === customer && hidden.canceled !== true && at >= period.start && at < period.end;
    return counts ? [hidden.value ?? 0] : [];
  });
  if (meter.default_aggregation.formula === 'count') return values.length;
  if (meter.default_aggregation.formula === 'last') return values.at(-1) ?? 0;
  return values.reduce((sum, value) => sum + value, 0);
}
