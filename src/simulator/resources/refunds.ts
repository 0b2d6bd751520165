import { mergeMetadata } from '../contract/metadata.ts';
import { idOf } from '../kinds.ts';
import { announceUpdate, fundRefunds, makeRefund, settleRefund } from '../payments/refund.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter, refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/api/refunds */
export const refunds: Resource = {
  routes: {
    'POST /v1/refunds': create,
    'POST /v1/refunds/{}': update,
    'POST /v1/refunds/{}/cancel': ({ realm, ids }) => {
      const refund = realm.named('refund', ids[0] ?? '');
      throw refused(`You cannot cancel this refund because it has a status of ${String(refund.status)}.`);
    },
    'POST /v1/charges/{}/refunds': ({ realm, ids, params }) =>
      makeRefund(realm, realm.named('charge', ids[0] ?? ''), params) as unknown as StripeObject,
  },
  tasks: { 'refund.fund': fundRefunds, 'refund.settle': settleRefund },
};

function create({ realm, params }: Call): StripeObject {
  const intent = params['payment_intent'] as string | undefined;
  const charge = params['charge'] as string | undefined;
  if (intent !== undefined && charge !== undefined)
    throw badParameter('You may only specify one of these parameters: payment_intent, charge.', {
      code: 'parameters_exclusive',
    });
  if (charge !== undefined)
    return asObject(makeRefund(realm, realm.need('charge', charge, 'charge'), params));
  if (intent === undefined) throw missingParameter('payment_intent');
  const paid = realm.need('payment_intent', intent, 'payment_intent');
  const latest = realm.get('charge', idOf(paid.latest_charge));
  if (!latest?.paid || paid.status === 'requires_capture')
    throw refused(
      `This PaymentIntent (${paid.id}) does not have a successful charge to refund. Its status is ` +
        `${paid.status}.`,
      { code: 'payment_intent_unexpected_state' },
    );
  return asObject(makeRefund(realm, latest, params));
}

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('refund', ids[0] ?? '');
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  const after = realm.change('refund', before.id, { metadata });
  announceUpdate(realm, after, { metadata: before.metadata });
  return asObject(after);
}

function asObject(refund: object): StripeObject {
  return refund as StripeObject;
}
