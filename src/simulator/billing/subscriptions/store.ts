import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer } from '../params.ts';
import { planSubscription } from './agenda.ts';
import { shownItems } from './items.ts';

export type Subscription = Stripe.Subscription;

/** Statuses in which a subscription goes on. */
const LIVING = new Set(['trialing', 'active', 'past_due', 'unpaid', 'paused', 'incomplete']);

export function isLiving({ status }: Pick<Subscription, 'status'>): boolean {
  return LIVING.has(status);
}

export function customerOf(realm: Realm, { customer }: Pick<Subscription, 'customer'>): Stripe.Customer {
  return realm.need('customer', idOf(customer) ?? '');
}

/** Changes a subscription, plans what time will do to it, and tells of what is different now. */
export function alter(realm: Realm, id: string, changes: Partial<Subscription>): Subscription {
  return altering(realm, id, () => realm.change('subscription', id, changes));
}

/** Does several changes of a subscription and its items, and tells of them at once. */
export function altering(realm: Realm, id: string, work: () => void): Subscription {
  const before = realm.need('subscription', id);
  work();
  const after = refresh(realm, id);
  tell(realm, before, after);
  return after;
}

/** Shows the items in the subscription as they are now, and plans its next moment. */
export function refresh(realm: Realm, id: string): Subscription {
  const after = realm.change('subscription', id, shownItems(realm, id));
  planSubscription(realm, after);
  return after;
}

/** Announces what became different, once the subscription itself was announced. */
export function tell(realm: Realm, before: Subscription, after: Subscription): void {
  // What happens before its creation is told stands in `customer.subscription.created` already.
  if (realm.hidden('subscription', after.id).announced !== true) return;
  const previous = differences(answer(before), answer(after));
  if (Object.keys(previous).length > 0)
    realm.emit('customer.subscription.updated', after, shownBefore(previous));
}

/** Of the items only the list itself is shown. */
function shownBefore(previous: StripeObject): StripeObject {
  const { items, ...rest } = previous as { items?: { data: unknown } };
  return items ? { ...rest, items: { data: items.data } } : rest;
}
