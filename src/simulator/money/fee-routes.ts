import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import { idOf } from '../kinds.ts';
import type { Call, Resource } from '../server/call.ts';
import { noSuch } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';
import { refundFee } from './application-fees.ts';

/** docs.stripe.com/api/application_fees and /api/fee_refunds */
export const applicationFees: Resource = {
  routes: {
    'POST /v1/application_fees/{}/refunds': create,
    'GET /v1/application_fees/{}/refunds/{}': (call) => asObject(refundOf(call)),
    'POST /v1/application_fees/{}/refunds/{}': update,
  },
};

function create({ realm, ids, params }: Call): StripeObject {
  const fee = realm.named('application_fee', ids[0] ?? '', 'id');
  const amount = (params['amount'] as number | undefined) ?? fee.amount - fee.amount_refunded;
  const metadata = mergeMetadata({}, params['metadata']);
  return asObject(refundFee(realm, fee, { amount, metadata, separate: true }));
}

function refundOf({ realm, ids }: Call): Stripe.FeeRefund {
  const refund = realm.get('fee_refund', ids[1]);
  if (!refund || idOf(refund.fee) !== ids[0]) throw noSuch('fee_refund', ids[1] ?? '');
  return refund;
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = refundOf(call);
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  const after = realm.change('fee_refund', before.id, { metadata });
  const fee = realm.need('application_fee', idOf(after.fee) ?? '');
  const data = fee.refunds.data.map((each) => (each.id === after.id ? after : each));
  realm.change('application_fee', fee.id, { refunds: { ...fee.refunds, data } });
  realm.emit('application_fee.refund.updated', after, { metadata: before.metadata });
  return asObject(after);
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
