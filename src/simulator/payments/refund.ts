import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { badParameter, refused } from '../server/errors.ts';
import { said } from './amounts.ts';
import { bookFailedRefund, bookRefund } from './balance.ts';
import { cardByNumber, type TestCard } from './test-cards.ts';

/** How long a test refund takes that does not succeed, or fails, at once. */
const SETTLE_SECONDS = 5;

/** Gives money of a charge back, all that is left or a part. */
export function makeRefund(realm: Realm, charge: Stripe.Charge, params: Params): Stripe.Refund {
  const left = charge.amount_captured - refundedSoFar(charge);
  const amount = (params['amount'] as number | undefined) ?? left;
  checkRefundable(charge, amount, left);
  const card = cardOf(realm, charge);
  const pending = card?.refund === 'pending' || charge.payment_method_details?.type !== 'card';
  const refund = realm.insert('refund', {
    amount,
    charge: charge.id,
    currency: charge.currency,
    customer: idOf(charge.customer),
    destination_details: destination(charge),
    metadata: mergeMetadata({}, params['metadata']),
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    ...(pending && { pending_reason: 'processing' as const }),
    reason: (params['reason'] ?? null) as Stripe.Refund.Reason | null,
    status: pending ? 'pending' : 'succeeded',
  });
  const booked = realm.change('refund', refund.id, {
    balance_transaction: bookRefund(realm, refund, charge),
  });
  const after = realm.change('charge', charge.id, {
    amount_refunded: charge.amount_refunded + amount,
    refunded: charge.amount_refunded + amount >= charge.amount,
  });
  realm.emit('refund.created', booked);
  realm.emit('charge.refunded', after, {
    amount_refunded: charge.amount_refunded,
    refunded: charge.refunded,
  });
  if (pending || card?.refund === 'fails') realm.later('refund.settle', refund.id, SETTLE_SECONDS);
  return booked;
}

/** The bank's answer to a refund that was pending, or that is going to fail. */
export function settleRefund(realm: Realm, id: string): void {
  const refund = realm.get('refund', id);
  const charge = realm.get('charge', idOf(refund?.charge));
  if (!refund || !charge) return;
  if (cardOf(realm, charge)?.refund === 'fails') failRefund(realm, refund, charge);
  else if (refund.status === 'pending') {
    const { pending_reason: _reason, ...rest } = refund;
    const settled = { ...rest, status: 'succeeded' };
    realm.engine.store.put(realm, 'refund', id, settled);
    announceUpdate(realm, settled, { status: 'pending' });
  }
}

/** Announces that a refund is different now; Stripe still sends both names. */
export function announceUpdate(realm: Realm, refund: Stripe.Refund, previous: object): void {
  realm.emit('refund.updated', refund, previous);
  realm.emit('charge.refund.updated', refund, previous);
}

/** Of a captured charge, what went back. What an incomplete capture released was never ours. */
function refundedSoFar(charge: Stripe.Charge): number {
  return charge.amount_refunded - (charge.amount - charge.amount_captured);
}

function failRefund(realm: Realm, refund: Stripe.Refund, charge: Stripe.Charge): void {
  const failed = realm.change('refund', refund.id, {
    status: 'failed',
    failure_balance_transaction: bookFailedRefund(realm, refund),
    failure_reason: 'expired_or_canceled_card',
  });
  realm.change('charge', charge.id, {
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  });
  realm.emit('refund.failed', failed);
  announceUpdate(realm, failed, { status: refund.status });
}

function checkRefundable(charge: Stripe.Charge, amount: number, left: number): void {
  if (charge.status === 'failed' || !charge.paid) {
    const message = `Charge ${charge.id} has not been paid, so it can't be refunded.`;
    throw refused(message, { code: 'charge_not_refundable' });
  }
  if (!charge.captured) {
    const message = `Charge ${charge.id} has not been captured: cancel its PaymentIntent instead.`;
    throw refused(message, { code: 'charge_not_refundable' });
  }
  if (charge.refunded)
    throw refused(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (charge.disputed)
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  if (amount > left)
    throw refused(
      `Refund amount (${said(amount, charge.currency)}) is greater than unrefunded amount on charge ` +
        `(${said(left, charge.currency)})`,
      { param: 'amount' },
    );
}

function cardOf(realm: Realm, charge: Stripe.Charge): TestCard | undefined {
  const { number } = realm.hidden('payment_method', charge.payment_method ?? '');
  return charge.payment_method_details?.type === 'card' && number !== undefined
    ? cardByNumber(number)
    : undefined;
}

function destination(charge: Stripe.Charge): Stripe.Refund.DestinationDetails {
  const type = charge.payment_method_details?.type ?? 'card';
  if (type !== 'card') return { [type]: {}, type };
  const card = {
    reference_status: 'pending',
    reference_type: 'acquirer_reference_number',
    type: 'refund' as const,
  };
  return { card, type };
}
