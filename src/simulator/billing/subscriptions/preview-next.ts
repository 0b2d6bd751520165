import { idOf } from '../../kinds.ts';
import { Realm } from '../../realm.ts';
import { answer } from '../params.ts';
import type { StripeObject } from '../../store/store.ts';
import { periodEnd } from './agenda.ts';
import { ageSubscription } from './renew.ts';
import type { Subscription } from './store.ts';

/** What the next invoice of a subscription would be, if nothing changed until then. */
export function previewNext(realm: Realm, subscription: Subscription): StripeObject | undefined {
  return rehearse(realm, (silent) => {
    const { id } = subscription;
    silent.conceal('subscription', id, { upcoming: periodEnd(subscription), trialWarned: true });
    const latest = idOf(subscription.latest_invoice);
    ageSubscription(silent.at(periodEnd(subscription)), id);
    const next = idOf(silent.need('subscription', id).latest_invoice);
    return next === latest ? undefined : asPreview(silent, next ?? '');
  });
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
    next_payment_attempt: invoice.collection_method === 'charge_automatically' ? invoice.automatically_finalizes_at : null,
    number: null,
    status: 'draft',
  });
}
