import { idOf } from '../../kinds.ts';
import { Realm } from '../../realm.ts';
import { answer } from '../params.ts';
import type { StripeObject } from '../../store/store.ts';
import { ageSchedule } from '../schedules/age.ts';
import { periodEnd } from './agenda.ts';
import { ageSubscription } from './renew.ts';
import type { Subscription } from './store.ts';

/** What the next invoice of a subscription would be, if nothing changed until then. */
export function previewNext(realm: Realm, subscription: Subscription): StripeObject | undefined {
  return rehearse(realm, (silent) => {
    const next = renewAhead(silent, subscription);
    return next === undefined ? undefined : asPreview(silent, next);
  });
}

/** Lets the period end, in a rehearsal, and returns the invoice that this makes; none if it ends for good. */
export function renewAhead(realm: Realm, subscription: Subscription): string | undefined {
  const { id } = subscription;
  const before = idOf(subscription.latest_invoice);
  const then = realm.at(periodEnd(subscription));
  realm.conceal('subscription', id, { upcoming: periodEnd(subscription), trialWarned: true });
  const schedule = idOf(subscription.schedule);
  if (schedule !== null) ageSchedule(then, schedule);
  ageSubscription(then, id);
  const next = idOf(realm.need('subscription', id).latest_invoice);
  return next === null || next === before ? undefined : next;
}

/** Does something, unheard, and undoes it again. */
export function rehearse<T>(realm: Realm, work: (silent: Realm) => T): T {
  const engine = { ...realm.engine, announce: () => '' };
  const silent = new Realm(engine, realm, realm.request, realm.now);
  return realm.engine.store.rehearse(() => work(silent));
}

/** An invoice that was never made has no id of its own, no number and no address. */
export function asPreview(realm: Realm, id: string): StripeObject {
  const invoice = realm.need('invoice', id);
  return answer({
    ...invoice,
    automatically_finalizes_at: null,
    hosted_invoice_url: null,
    id: `upcoming_${id}`,
    invoice_pdf: null,
    next_payment_attempt:
      invoice.collection_method === 'charge_automatically' ? invoice.automatically_finalizes_at : null,
    number: null,
    status: 'draft',
  });
}
