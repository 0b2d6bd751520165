import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { noSuch } from '../../server/errors.ts';
import { stopCollecting, voidInvoice } from '../invoices/endings.ts';
import { onClock } from '../time/moments.ts';
import { periodStart } from './agenda.ts';
import { makeBill } from './bill.ts';
import { cancellationOf } from './fields.ts';
import { isMetered, itemsOf, periodIn } from './items.ts';
import { payBill } from './pay-bill.ts';
import { creditRest } from './prorate.ts';
import { isLiving, refresh, type Subscription } from './store.ts';

/** DELETE /v1/subscriptions/{}: ends it at once, with a last invoice if that is wanted. */
export function cancelSubscription(call: Call): Subscription {
  const { params, ids } = call;
  const before = call.realm.named('subscription', ids[0] ?? '', 'subscription');
  if (!isLiving(before)) throw noSuch('subscription', before.id);
  const realm = onClock(call.realm, before);
  if (params['prorate'] === true)
    for (const item of itemsOf(realm, before.id))
      creditRest(realm, before, { item, period: periodIn(item) }, realm.now);
  if (params['invoice_now'] === true) lastBill(realm, before);
  return endSubscription(realm, before.id, 'cancellation_requested', params);
}

/** Ends a subscription: it is canceled, or expired if it never began. */
export function endSubscription(realm: Realm, id: string, reason: string, params: Params = {}): Subscription {
  const before = realm.need('subscription', id);
  const began = before.status !== 'incomplete';
  realm.change('subscription', id, {
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: before.canceled_at ?? realm.now,
    cancellation_details: cancellationOf(
      { cancellation_details: before.cancellation_details, ...params },
      before.cancellation_details?.reason ?? reason,
    ),
    ended_at: realm.now,
    pending_update: null,
    status: began ? 'canceled' : 'incomplete_expired',
  });
  const after = refresh(realm, id);
  realm.emit('customer.subscription.deleted', after);
  const { firstInvoice } = realm.hidden('subscription', id);
  const first = realm.get('invoice', firstInvoice);
  if (!began && first?.status === 'open') voidInvoice(realm, first.id);
  stopCollecting(realm, id);
  return realm.need('subscription', id);
}

/** What was used and not yet billed, and what else is pending, when a subscription ends. */
export function lastBill(realm: Realm, before: Subscription): void {
  const used = itemsOf(realm, before.id).filter(isMetered);
  const items = used.map((item) => ({ item, period: periodIn(item), past: periodIn(item) }));
  const period = { start: periodStart(before), end: realm.now };
  const invoice = makeBill(realm, before, { reason: 'subscription_update', items, period, waits: false });
  payBill(realm, invoice.id, { behaviour: 'allow_incomplete', offSession: true });
}
