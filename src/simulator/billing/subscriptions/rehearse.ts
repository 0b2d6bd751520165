import { Realm } from '../../realm.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer } from '../params.ts';

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
