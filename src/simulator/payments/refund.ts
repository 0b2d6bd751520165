import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { covers, purseOf, setWaiting } from '../money/ledger.ts';
import { takeShares } from '../money/shares.ts';
import type { Realm } from '../realm.ts';
import { badParameter, refused } from '../server/errors.ts';
import { said } from './amounts.ts';
import { bookFailedRefund, bookRefund } from './balance.ts';
import { bookNow } from './charges.ts';
import { settleRisk } from './radar.ts';
import { cardByNumber, type TestCard } from './test-cards.ts';

/** How long a test refund takes that does not succeed, or fails, at once. */
const SETTLE_SECONDS = 5;

/** Gives money of a charge back, all that is left or a part; who shared in the charge may share in this. */
export function makeRefund(realm: Realm, given: Stripe.Charge, params: Params): Stripe.Refund {
  // What was not booked yet has brought nothing that could be given back.
  const charge = bookNow(realm, given);
  const left = charge.amount_captured - refundedSoFar(charge);
  const amount = (params['amount'] as number | undefined) ?? left;
  checkRefundable(realm, charge, amount, left);
  const id = `${isCardCharge(charge) ? 're' : 'pyr'}_3${realm.secret(23)}`;
  const shares = takeShares(realm, charge, { amount, refund: id, params });
  const short = !covers(realm, charge.currency, amount);
  const refund = realm.insert(
    'refund',
    {
      id,
      amount,
      charge: charge.id,
      currency: charge.currency,
      customer: idOf(charge.customer),
      destination_details: destination(charge),
      metadata: mergeMetadata({}, params['metadata']),
      payment_intent: idOf(charge.payment_intent),
      payment_method: charge.payment_method,
      reason: (params['reason'] ?? null) as Stripe.Refund.Reason | null,
      transfer_reversal: shares.reversal,
      ...startOf(realm, charge, short),
    },
    { feeBack: shares.feeBack },
  );
  const begun = short ? wait(realm, refund) : pay(realm, refund, charge, shares.feeBack);
  const after = realm.change('charge', charge.id, {
    amount_refunded: charge.amount_refunded + amount,
    refunded: charge.amount_refunded + amount >= charge.amount,
  });
  realm.emit('refund.created', begun);
  realm.emit('charge.refunded', after, {
    amount_refunded: charge.amount_refunded,
    refunded: charge.refunded,
  });
  if (after.refunded)
    settleRisk(realm, after, params['reason'] === 'fraudulent' ? 'refunded_as_fraud' : 'refunded');
  return begun;
}

/** New money has come: pays the refunds that waited for it, oldest first, as far as it goes. */
export function fundRefunds(realm: Realm, currency: string): void {
  const waiting = [...purseOf(realm, currency).waiting];
  for (let id = waiting[0]; id !== undefined; id = waiting[0]) {
    const refund = realm.get('refund', id);
    const charge = realm.get('charge', idOf(refund?.charge));
    if (refund && charge) {
      if (!covers(realm, currency, refund.amount)) break;
      const { pending_reason: _reason, ...rest } = refund;
      const begun = { ...rest, ...startOf(realm, charge, false) };
      realm.engine.store.put(realm, 'refund', id, begun);
      const paid = pay(realm, begun, charge, realm.hidden('refund', id).feeBack ?? 0);
      const previous = {
        balance_transaction: null,
        pending_reason: refund.pending_reason,
        status: 'pending',
      };
      announceUpdate(realm, paid, previous);
    }
    waiting.shift();
  }
  setWaiting(realm, currency, waiting);
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

/** The state that a refund begins in: the balance may be short, and some banks take their time. */
function startOf(realm: Realm, charge: Stripe.Charge, short: boolean): Partial<Stripe.Refund> {
  const slow = cardOf(realm, charge)?.refund === 'pending' || !isCardCharge(charge);
  if (!short && !slow) return { status: 'succeeded' };
  return { pending_reason: short ? 'insufficient_funds' : 'processing', status: 'pending' };
}

function wait(realm: Realm, refund: Stripe.Refund): Stripe.Refund {
  setWaiting(realm, refund.currency, [...purseOf(realm, refund.currency).waiting, refund.id]);
  return refund;
}

function pay(realm: Realm, refund: Stripe.Refund, charge: Stripe.Charge, feeBack: number): Stripe.Refund {
  const balance_transaction = bookRefund(realm, refund, charge, feeBack);
  const fails = cardOf(realm, charge)?.refund === 'fails';
  if (refund.status === 'pending' || fails) realm.later('refund.settle', refund.id, SETTLE_SECONDS);
  return realm.change('refund', refund.id, { balance_transaction });
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

function checkRefundable(realm: Realm, charge: Stripe.Charge, amount: number, left: number): void {
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
  if (charge.disputed && !isRefundable(realm, charge))
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

/** The bank only asks so far, and what it asks about may still be given back. */
function isRefundable(realm: Realm, { id }: Stripe.Charge): boolean {
  return realm.where('dispute', 'charge', id).every(({ is_charge_refundable: refundable }) => refundable);
}

function isCardCharge(charge: Stripe.Charge): boolean {
  return (charge.payment_method_details?.type ?? 'card') === 'card';
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
