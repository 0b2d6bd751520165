import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import { idOf } from '../kinds.ts';
import { said } from '../payments/amounts.ts';
import { applicationFeeLine, whenBooked } from '../payments/balance.ts';
import type { Realm } from '../realm.ts';
import { badParameter, refused } from '../server/errors.ts';
import { refundFee, shareOf } from './application-fees.ts';
import { covers } from './ledger.ts';
import { post } from './post.ts';

/** How many reversals a transfer shows in itself; the rest is in their own list. */
const SHOWN_MAX = 10;

export interface Reversing {
  amount: number;
  refundFee: boolean;
  /** The refund on the platform that asked for it. */
  refund?: string | null;
  metadata?: unknown;
}

/** Takes transferred money back, or a part of it; see docs.stripe.com/api/transfer_reversals. */
export function reverseTransfer(
  realm: Realm,
  transfer: Stripe.Transfer,
  { amount, refundFee: withFee, refund = null, metadata }: Reversing,
): Stripe.TransferReversal {
  const there = realm.as(idOf(transfer.destination) ?? '');
  const payment = there.need('charge', idOf(transfer.destination_payment) ?? '');
  checkReversal(there, transfer, amount);
  const feeBack = withFee ? giveFeeBack(realm, payment, amount) : 0;
  const id = realm.newId('transfer_reversal');
  const taken = takeBack(there, payment, amount, { feeBack, reversal: id });
  const { currency } = transfer;
  const original = realm.get('balance_transaction', idOf(transfer.balance_transaction));
  const booked = post(realm, {
    type: 'transfer_refund',
    amount,
    currency,
    source: id,
    description: transfer.description && `REFUND FOR TRANSFER (${transfer.description})`,
    availableOn: original?.available_on ?? realm.now,
    category: 'transfer_reversal',
  });
  const reversal = realm.insert('transfer_reversal', {
    id,
    amount,
    balance_transaction: booked.id,
    currency,
    destination_payment_refund: taken,
    metadata: mergeMetadata({}, metadata),
    source_refund: refund,
    transfer: transfer.id,
  });
  const amount_reversed = transfer.amount_reversed + amount;
  const { reversals } = transfer;
  const all = [reversal, ...reversals.data];
  const after = realm.change('transfer', transfer.id, {
    amount_reversed,
    reversed: amount_reversed === transfer.amount,
    reversals: { ...reversals, data: all.slice(0, SHOWN_MAX), has_more: all.length > SHOWN_MAX },
  });
  realm.emit('transfer.reversed', after, {
    amount_reversed: transfer.amount_reversed,
    reversals,
    reversed: transfer.reversed,
  });
  return reversal;
}

/** On the connected account: the payment gives a part of itself back. */
function takeBack(
  there: Realm,
  payment: Stripe.Charge,
  amount: number,
  { feeBack, reversal }: { feeBack: number; reversal: string },
): string {
  const { currency } = payment;
  const id = `pyr_1${there.secret(23)}`;
  const booked = post(there, {
    type: 'payment_refund',
    amount: -amount,
    currency,
    fees: applicationFeeLine(-feeBack, currency),
    source: id,
    description: 'REFUND FOR PAYMENT',
    ...whenBooked(there, payment),
    category: 'refund',
  });
  const refund = there.insert('refund', {
    id,
    amount,
    balance_transaction: booked.id,
    charge: payment.id,
    currency,
    metadata: {},
    source_transfer_reversal: reversal,
    status: 'succeeded',
  });
  const amount_refunded = payment.amount_refunded + amount;
  const after = there.change('charge', payment.id, {
    amount_refunded,
    refunded: amount_refunded === payment.amount,
  });
  there.emit('refund.created', refund);
  there.emit('charge.refunded', after, {
    amount_refunded: payment.amount_refunded,
    refunded: payment.refunded,
  });
  return refund.id;
}

function giveFeeBack(realm: Realm, payment: Stripe.Charge, amount: number): number {
  const fee = realm.platform.get('application_fee', idOf(payment.application_fee));
  if (!fee) return 0;
  const share = shareOf(fee.amount, fee.amount_refunded, amount, payment.amount, payment.amount_refunded);
  if (share > 0) refundFee(realm, fee, { amount: share, separate: false });
  return share;
}

function checkReversal(there: Realm, transfer: Stripe.Transfer, amount: number): void {
  const { currency } = transfer;
  const left = transfer.amount - transfer.amount_reversed;
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  if (transfer.reversed) throw refused(`Transfer ${transfer.id} has already been fully reversed.`);
  if (amount > left)
    throw refused(
      `Transfer reversal amount (${said(amount, currency)}) is greater than unreversed amount on transfer ` +
        `(${said(left, currency)})`,
      { param: 'amount' },
    );
  if (covers(there, currency, amount)) return;
  throw refused(
    `Insufficient funds in the connected account ${there.account}: its balance does not cover the ` +
      `reversal of ` +
      `${said(amount, currency)}.`,
    { code: 'balance_insufficient' },
  );
}
