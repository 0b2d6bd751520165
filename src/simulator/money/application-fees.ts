import type Stripe from 'stripe';
import { APPLICATION_ID } from '../connect/directory.ts';
import type { Metadata } from '../contract/metadata.ts';
import { idOf } from '../kinds.ts';
import { said } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import { badParameter, refused } from '../server/errors.ts';
import { emptyList } from '../server/list.ts';
import { applicationFeeLine } from '../payments/balance.ts';
import { post } from './post.ts';

type Fee = Stripe.ApplicationFee;

/** What a platform takes of one payment. */
interface FeeOf {
  amount: number;
  /** The payment on the connected account. */
  charge: Stripe.Charge;
  account: string;
  /** The platform's own charge, when the money came by a destination charge. */
  originating: string | null;
  availableOn: number;
}

/** Gives the platform its share of a connected account's payment, which that payment's booking has paid. */
export function collectFee(realm: Realm, { amount, charge, account, originating, availableOn }: FeeOf): Fee {
  const { platform } = realm;
  const { currency } = charge;
  const id = platform.newId('application_fee');
  const booked = post(platform, {
    type: 'application_fee',
    amount,
    currency,
    source: id,
    description: 'Application fee from application Quittance simulator',
    availableOn,
    category: 'platform_earning',
  });
  const fee = platform.insert('application_fee', {
    id,
    account,
    amount,
    amount_refunded: 0,
    application: APPLICATION_ID,
    balance_transaction: booked.id,
    charge: charge.id,
    currency,
    fee_source: { charge: charge.id, type: 'charge' },
    originating_transaction: originating,
    refunded: false,
    refunds: emptyList(`/v1/application_fees/${id}/refunds`) as unknown as Fee['refunds'],
  });
  platform.emit('application_fee.created', fee);
  return fee;
}

/** Of a fee, the part that belongs to a refunded part of its payment; the last part gets what is left. */
export function shareOf(fee: number, given: number, part: number, whole: number, soFar: number): number {
  if (whole === 0) return 0;
  const due = Math.round((fee * Math.min(soFar + part, whole)) / whole);
  return Math.max(0, due - given);
}

/**
 * Takes a part of a fee from the platform. The connected account gets it by the booking of its own refund,
 * or by
 * one of its own (`separate`).
 */
export function refundFee(
  realm: Realm,
  fee: Fee,
  { amount, metadata = {}, separate }: { amount: number; metadata?: Metadata; separate: boolean },
): Stripe.FeeRefund {
  checkFeeRefund(fee, amount);
  const { platform } = realm;
  const { currency } = fee;
  const id = platform.newId('fee_refund');
  const original = platform.get('balance_transaction', idOf(fee.balance_transaction));
  const availableOn = original?.available_on ?? platform.now;
  const description = 'Application fee refund';
  const booked = post(platform, {
    type: 'application_fee_refund',
    amount: -amount,
    currency,
    source: id,
    description,
    availableOn,
    category: 'platform_earning_refund',
  });
  if (separate)
    post(realm.as(idOf(fee.account) ?? ''), {
      type: 'adjustment',
      amount: 0,
      currency,
      fees: applicationFeeLine(-amount, currency),
      source: idOf(fee.charge),
      description,
      availableOn,
      category: 'fee',
    });
  const fields = { id, amount, balance_transaction: booked.id, currency, fee: fee.id, metadata };
  const refund = platform.insert('fee_refund', fields, { parent: fee.id });
  const amount_refunded = fee.amount_refunded + amount;
  const refunds = { ...fee.refunds, data: [refund, ...fee.refunds.data].slice(0, 10) };
  const after = platform.change('application_fee', fee.id, {
    amount_refunded,
    refunded: amount_refunded === fee.amount,
    refunds: { ...refunds, has_more: refunds.data.length < fee.refunds.data.length + 1 },
  });
  const previous = { amount_refunded: fee.amount_refunded, refunded: fee.refunded, refunds: fee.refunds };
  platform.emit('application_fee.refunded', after, previous);
  return refund;
}

function checkFeeRefund(fee: Fee, amount: number): void {
  const left = fee.amount - fee.amount_refunded;
  if (fee.refunded)
    throw refused(`Application fee ${fee.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  if (amount > left)
    throw refused(
      `Refund amount (${said(amount, fee.currency)}) is greater than unrefunded amount on application fee ` +
        `(${said(left, fee.currency)})`,
      { param: 'amount' },
    );
}
