import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { DAY_SECONDS } from '../time/calendar.ts';

/**
 * Days from one try to the next. Stripe chooses these by learning from payments (docs.stripe.com/billing/
 * revenue-recovery/smart-retries); this is the fixed plan that one can set there instead.
 */
const RETRY_DAYS = [3, 5, 7];

/** When an invoice is tried again; `over` when no try is left and its subscription has to be dealt with. */
export interface NextTry {
  at: number | null;
  over: boolean;
}

/** What follows a failed try, by the number of tries that there were. */
export function nextTry(realm: Realm, invoice: Stripe.Invoice): NextTry {
  if (invoice.collection_method !== 'charge_automatically' || invoice.auto_advance !== true)
    return { at: null, over: false };
  if (isFirstOfIncomplete(realm, invoice)) return { at: null, over: false };
  const { automatic } = realm.hidden('invoice', invoice.id);
  // A try by hand after the first leaves the plan as it is.
  if (automatic !== true && invoice.attempt_count > 1 && invoice.next_payment_attempt !== null)
    return { at: invoice.next_payment_attempt, over: false };
  const days = RETRY_DAYS[invoice.attempt_count - 1];
  return days === undefined ? { at: null, over: true } : { at: realm.now + days * DAY_SECONDS, over: false };
}

/** A subscription that never began is not dunned: its buyer has 23 hours to pay. */
function isFirstOfIncomplete(realm: Realm, { id }: Stripe.Invoice): boolean {
  const { subscription } = realm.hidden('invoice', id);
  return realm.get('subscription', subscription)?.status === 'incomplete';
}
