import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { said } from '../payments/amounts.ts';
import { applicationFeeLine } from '../payments/balance.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';
import { emptyList } from '../server/list.ts';
import { collectFee } from './application-fees.ts';
import { sumsOf } from './ledger.ts';
import { payableOn, post } from './post.ts';

/** Money on its way from the platform to a connected account. */
export interface Transferring {
  id?: string;
  amount: number;
  currency: string;
  destination: string;
  /** The platform's charge that the money comes from; then it is available when that is. */
  source: Stripe.Charge | null;
  availableOn?: number | undefined;
  group: string | null;
  description?: string | null;
  metadata?: unknown;
  /** What the platform takes back at once, of a destination charge. */
  applicationFee?: number;
}

const METHOD = { stripe_account: {}, type: 'stripe_account' } as Stripe.Charge.PaymentMethodDetails;

/** Moves money to a connected account, where it arrives as a payment of its own. */
export function makeTransfer(realm: Realm, what: Transferring): Stripe.Transfer {
  const { amount, currency, destination, source, group, applicationFee = 0 } = what;
  const id = what.id ?? `tr_${source ? 3 : 1}${realm.secret(23)}`;
  const there = realm.as(destination);
  const payment = insertPayment(there, what, id);
  const left = post(realm, {
    type: 'transfer',
    amount: -amount,
    currency,
    source: id,
    description: what.description ?? null,
    ...(what.availableOn !== undefined && { availableOn: what.availableOn }),
    category: 'transfer',
  });
  const came = post(there, {
    type: 'payment',
    amount,
    currency,
    fees: applicationFeeLine(applicationFee, currency),
    source: payment.id,
    description: null,
    ...(what.availableOn !== undefined && { availableOn: what.availableOn }),
    category: 'charge',
  });
  const booked = there.change('charge', payment.id, { balance_transaction: came.id });
  if (applicationFee > 0) {
    const where = { account: destination, originating: source?.id ?? null, availableOn: came.available_on };
    const fee = collectFee(realm, { amount: applicationFee, charge: booked, ...where });
    there.change('charge', payment.id, { application_fee: fee.id, application_fee_amount: applicationFee });
  }
  const transfer = realm.insert('transfer', {
    id,
    amount,
    amount_reversed: 0,
    balance_transaction: left.id,
    currency,
    description: what.description ?? null,
    destination,
    destination_payment: payment.id,
    metadata: mergeMetadata({}, what.metadata),
    reversals: emptyList(`/v1/transfers/${id}/reversals`) as unknown as Stripe.Transfer['reversals'],
    reversed: false,
    source_transaction: source?.id ?? null,
    source_type: 'card',
    transfer_group: group,
  });
  realm.emit('transfer.created', transfer);
  return transfer;
}

/** How much of a charge has not been transferred on yet. */
export function untransferred(realm: Realm, charge: Stripe.Charge): number {
  const sent = realm.where('transfer', 'source_transaction', charge.id);
  return charge.amount_captured - sent.reduce((sum, each) => sum + each.amount - each.amount_reversed, 0);
}

/** Refuses what the platform does not have at hand. */
export function checkFunds(realm: Realm, amount: number, currency: string): void {
  if (sumsOf(realm, currency).available >= amount) return;
  throw refused(
    'You have insufficient available funds in your Stripe account. Try adding funds directly to your ' +
      'available ' +
      'balance by creating Charges using the 4000000000000077 test card. See: ' +
      'https://stripe.com/docs/testing#available-balance',
    { code: 'balance_insufficient' },
  );
}

/** Refuses to transfer more of a charge than it brought in. */
export function checkSource(realm: Realm, charge: Stripe.Charge, amount: number, currency: string): void {
  if (!charge.paid || !charge.captured)
    throw refused(
      `The source_transaction ${charge.id} has not been paid, so nothing can be transferred of it.`,
      {
        param: 'source_transaction',
      },
    );
  if (charge.currency !== currency)
    throw refused(
      `The currency of source_transaction's balance transaction (${charge.currency}) must be the same ` +
        `as the ` +
        `transfer currency (${currency})`,
      { param: 'currency' },
    );
  const left = untransferred(realm, charge);
  if (amount > left)
    throw refused(
      `Transfers using this transaction as a source must not exceed the source amount of ` +
        `${said(charge.amount_captured, currency)}. (There are already transfers using this source, ` +
        `leaving ` +
        `${said(left, currency)} to transfer)`,
      { param: 'amount' },
    );
}

/** When money of a charge that was booked, or is about to be, can be paid out. */
export function availabilityOf(realm: Realm, charge: Stripe.Charge): number {
  const booked = realm.get('balance_transaction', idOf(charge.balance_transaction));
  return booked?.available_on ?? payableOn(realm);
}

/** What Stripe shows of a transfer as the update of its description or metadata leaves it. */
export function changedTransfer(transfer: Stripe.Transfer, params: Params): Partial<Stripe.Transfer> {
  return {
    metadata: mergeMetadata(transfer.metadata, params['metadata']),
    ...(params['description'] !== undefined && { description: params['description'] as string | null }),
  };
}

function insertPayment(there: Realm, what: Transferring, transfer: string): Stripe.Charge {
  const { amount, currency } = what;
  return there.insert('charge', {
    id: `py_1${there.secret(23)}`,
    amount,
    amount_captured: amount,
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
      tax_id: null,
    },
    captured: true,
    currency,
    description: null,
    disputed: false,
    fraud_details: {},
    metadata: {},
    outcome: null,
    paid: true,
    payment_method_details: METHOD,
    refunded: false,
    source_transfer: transfer,
    status: 'succeeded',
    transfer_group: what.group,
  });
}
