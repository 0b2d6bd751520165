import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { voidInvoice } from '../invoices/endings.ts';
import { INCOMPLETE_SECONDS } from './agenda.ts';
import type { Asked } from './create.ts';
import { itemsOf } from './items.ts';
import { altering, refresh, tell, type Subscription } from './store.ts';

type Change = (call: Asked, before: Subscription) => string | undefined;

/**
 * Changes a subscription only if its invoice is paid at once; otherwise the change waits for the payment: see
 * docs.stripe.com/billing/subscriptions/pending-updates.
 */
export function changeLater(call: Asked, before: Subscription, change: Change): Subscription {
  const { realm, params } = call;
  const { id } = before;
  const items = itemsOf(realm, id);
  realm.conceal('subscription', id, { announced: false });
  const invoice = change({ ...call, params: { ...params, payment_behavior: 'allow_incomplete' } }, before);
  const status = realm.get('invoice', invoice)?.status;
  realm.conceal('subscription', id, { announced: true });
  const changed = refresh(realm, id);
  if (invoice === undefined || status === 'paid') {
    tell(realm, before, changed);
    return changed;
  }
  putBack(realm, before, items);
  realm.conceal('subscription', id, { pending: { params, invoice } });
  return altering(realm, id, () => {
    realm.change('subscription', id, {
      latest_invoice: invoice,
      pending_update: {
        billing_cycle_anchor: null,
        cancel_at_period_end: null,
        discount: null,
        discounts: null,
        expires_at: realm.now + INCOMPLETE_SECONDS,
        metadata: null,
        subscription_items: changed.items.data,
        trial_end: null,
        trial_from_plan: null,
      },
    });
  });
}

/** The payment came: what was asked for is done now. */
export function applyPending(realm: Realm, subscription: Subscription): void {
  const { pending_update: pending, id } = subscription;
  realm.conceal('subscription', id, { pending: null });
  altering(realm, id, () => {
    for (const item of itemsOf(realm, id)) realm.remove('subscription_item', item.id);
    for (const item of pending?.subscription_items ?? []) realm.insert('subscription_item', item);
    realm.change('subscription', id, { pending_update: null });
  });
  realm.emit('customer.subscription.pending_update_applied', realm.need('subscription', id));
}

/** The payment did not come in time. */
export function dropPending(realm: Realm, { id }: Subscription): void {
  const { pending } = realm.hidden('subscription', id);
  if (!pending) return;
  realm.conceal('subscription', id, { pending: null });
  const invoice = realm.get('invoice', pending.invoice);
  if (invoice?.status === 'open') voidInvoice(realm, invoice.id);
  altering(realm, id, () => realm.change('subscription', id, { pending_update: null }));
  realm.emit('customer.subscription.pending_update_expired', realm.need('subscription', id));
}

function putBack(realm: Realm, before: Subscription, items: ReturnType<typeof itemsOf>): void {
  for (const item of itemsOf(realm, before.id)) realm.remove('subscription_item', item.id);
  for (const item of items) realm.insert('subscription_item', item);
  realm.change('subscription', before.id, { ...before, customer: idOf(before.customer) ?? '' });
  refresh(realm, before.id);
}
