import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { refused } from '../../server/errors.ts';
import { methodOf } from '../invoices/methods.ts';
import { group, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { makeBill } from './bill.ts';
import { endSubscription, lastBill } from './cancel.ts';
import { itemsOf, periodIn, periodOf } from './items.ts';
import { payBill } from './pay-bill.ts';
import { creditRest } from './prorate.ts';
import { alter, altering, customerOf, type Subscription } from './store.ts';

/** POST /v1/subscriptions/{}/pause: no periods and no invoices until it is resumed. */
export function pauseSubscription(call: Call): Subscription {
  const { params, ids } = call;
  const before = call.realm.named('subscription', ids[0] ?? '', 'subscription');
  const realm = onClock(call.realm, before);
  if (before.status !== 'active' && before.status !== 'trialing' && before.status !== 'past_due')
    throw refused(`This subscription cannot be paused because it is ${before.status}.`);
  if (before.schedule !== null) throw refused('Subscriptions with a schedule cannot be paused.');
  if (group(params, 'bill_for')['unused_time_from'] !== undefined)
    for (const item of itemsOf(realm, before.id))
      creditRest(realm, before, { item, period: periodIn(item) }, realm.now);
  if (text(params, 'invoicing_behavior') === 'invoice') lastBill(realm, before);
  return paused(realm, before.id, 'pause_requested');
}

/** Stops a subscription, with the reason that it shows. */
function paused(realm: Realm, id: string, type: string): Subscription {
  const status_details = {
    paused: { subscription: { type }, transitioned_at: realm.now, type: 'subscription' },
  };
  const after = alter(realm, id, { status: 'paused', status_details });
  realm.conceal('subscription', id, { pausedAt: realm.now });
  realm.emit('customer.subscription.paused', after);
  return after;
}

/** POST /v1/subscriptions/{}/resume: at once if there is nothing to pay, otherwise once that is paid. */
export function resumeSubscription(call: Call): Subscription {
  const { params, ids } = call;
  const before = call.realm.named('subscription', ids[0] ?? '', 'subscription');
  const realm = onClock(call.realm, before);
  if (before.status !== 'paused')
    throw refused(`Only paused subscriptions can be resumed. This subscription is ${before.status}.`);
  const invoice = renewed(realm, before, params);
  if (invoice === undefined) return resumed(realm, before.id);
  realm.conceal('subscription', before.id, { resumption: invoice });
  payBill(realm, invoice, { behaviour: 'allow_incomplete', offSession: true });
  const tried = params['payment_behavior'] === 'resume_on_payment_attempt';
  const after = realm.need('subscription', before.id);
  return tried && after.status === 'paused' ? resumed(realm, before.id) : after;
}

/** The subscription goes on. */
export function resumed(realm: Realm, id: string): Subscription {
  realm.conceal('subscription', id, { resumption: null });
  const after = altering(realm, id, () => {
    const { status_details: _paused, ...rest } = realm.need('subscription', id);
    realm.engine.store.put(realm, 'subscription', id, { ...rest, status: 'active' });
  });
  realm.emit('customer.subscription.resumed', after);
  return after;
}

/** Sets the periods anew and bills them; undefined when the period that was paid still runs. */
function renewed(realm: Realm, before: Subscription, params: Params): string | undefined {
  const anchor = params['billing_cycle_anchor'] as string | { type: string } | undefined;
  const same = (typeof anchor === 'object' ? anchor.type : anchor) === 'unchanged';
  const from = same ? before.billing_cycle_anchor : realm.now;
  const runs = same && itemsOf(realm, before.id).every((item) => item.current_period_end > realm.now);
  if (runs) return undefined;
  let invoice = '';
  altering(realm, before.id, () => {
    for (const item of itemsOf(realm, before.id)) {
      const { start, end } = periodOf(item.price, from, realm.now);
      realm.change('subscription_item', item.id, { current_period_start: start, current_period_end: end });
    }
    const subscription = realm.change('subscription', before.id, {
      billing_cycle_anchor: from,
      ...(before.trial_end !== null && before.trial_end > realm.now && { trial_end: realm.now }),
    });
    const items = itemsOf(realm, before.id).map((item) => ({ item, period: periodIn(item) }));
    const period = { start: realm.now, end: realm.now };
    invoice = makeBill(realm, subscription, {
      reason: 'subscription_update',
      items,
      period,
      waits: false,
    }).id;
  });
  return invoice;
}

/** What a trial's end brings about where there is nothing to be paid with, if that is anything special. */
export function endUnpaidTrial(realm: Realm, subscription: Subscription): boolean {
  const behaviour = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (behaviour !== 'cancel' && behaviour !== 'pause') return false;
  if (subscription.collection_method !== 'charge_automatically') return false;
  if (methodOf(realm, subscription, customerOf(realm, subscription))) return false;
  if (behaviour === 'cancel') endSubscription(realm, subscription.id, 'cancellation_requested');
  else paused(realm, subscription.id, 'trial_end_without_payment_method');
  return true;
}
