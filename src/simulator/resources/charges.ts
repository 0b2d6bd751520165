import { mergeMetadata } from '../contract/metadata.ts';
import { followIntent } from '../checkout/pay.ts';
import { idOf } from '../kinds.ts';
import { captureIntent } from '../payments/capture.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, refused } from '../server/errors.ts';
import { applyParams } from '../server/generic.ts';
import { differences } from '../server/hashes.ts';
import { emptyList } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/api/charges; charges are made by PaymentIntents only, as Stripe recommends since 2019. */
export const charges: Resource = {
  routes: {
    'POST /v1/charges': () => {
      throw badParameter(
        'Charges are made by PaymentIntents here: use POST /v1/payment_intents with confirm=true.',
      );
    },
    'POST /v1/charges/{}': update,
    'POST /v1/charges/{}/capture': capture,
  },
  includes: {
    'charge.refunds': (realm, { id }) => {
      const data = realm.where('refund', 'charge', id ?? '').toReversed();
      return { ...emptyList(`/v1/charges/${id}/refunds`), data, total_count: data.length };
    },
  },
};

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('charge', ids[0] ?? '');
  const changes = applyParams(before as unknown as StripeObject, params);
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  const after = realm.change('charge', before.id, { ...(changes as object), metadata });
  const shown = after as unknown as StripeObject;
  realm.emit('charge.updated', after, differences(before as unknown as StripeObject, shown));
  return shown;
}

function capture({ realm, ids, params }: Call): StripeObject {
  const charge = realm.named('charge', ids[0] ?? '');
  if (charge.captured)
    throw refused(`Charge ${charge.id} has already been captured.`, { code: 'charge_already_captured' });
  const intent = realm.need('payment_intent', idOf(charge.payment_intent) ?? '');
  followIntent(realm, captureIntent(realm, intent, { amount_to_capture: params['amount'] }));
  return realm.need('charge', charge.id) as unknown as StripeObject;
}
