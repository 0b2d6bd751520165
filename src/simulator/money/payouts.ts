import type Stripe from 'stripe';
import { markErrored } from '../connect/payee-errored.ts';
import { bankOutcome, destinationFor, type Payee } from '../connect/payees.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';
import { sumsOf } from './ledger.ts';
import { NOT_PAID_OUT, post, stripeFee } from './post.ts';
import { nextBankDay } from './schedule.ts';
import { settingsOf } from './settings.ts';

type Payout = Stripe.Payout;

/** Until then a payout can be canceled; afterwards it is with the bank. */
const SEND_SECONDS = 6 * 3600;
/** docs.stripe.com/payouts/instant-payouts: "typically within minutes". */
const INSTANT_SEND_SECONDS = 5;
const INSTANT_SECONDS = 60;
/** docs.stripe.com/payouts/instant-payouts-pricing: 1 %, at least 50 cents. */
const INSTANT_PERCENT = 1;
const INSTANT_MIN = 50;
/** A bank that refuses takes its time: by then the payout counts as paid. */
const REFUSE_SECONDS = 24 * 3600;

const FAILURES: Record<string, string> = {
  account_closed: 'The bank account has been closed.',
  could_not_process: 'The bank could not process this payout.',
  debit_not_authorized: 'Debit transactions are not approved on the bank account.',
  insufficient_funds: 'The bank account has insufficient funds to complete the payout.',
  invalid_currency: 'The bank was unable to process this payout because of its currency.',
  no_account: 'The bank account could not be located.',
};

/** What is to be paid out. */
export interface PayingOut {
  amount: number;
  currency: string;
  automatic: boolean;
  instant: boolean;
  payee: Payee;
  params?: Params;
}

/** Takes money out of the balance and sends it to a bank account or a debit card. */
export function makePayout(realm: Realm, what: PayingOut): Payout {
  const { amount, currency, automatic, instant, payee, params = {} } = what;
  const id = realm.newId('payout');
  const fee = instant ? instantFee(amount) : 0;
  if (sumsOf(realm, currency).available < amount + fee) throw tooLittle();
  const arrival = instant ? realm.now + INSTANT_SECONDS : nextBankDay(realm.now + SEND_SECONDS);
  const booked = post(realm, {
    type: 'payout',
    amount: -amount,
    currency,
    fees: stripeFee(fee, currency, 'Instant payout fee'),
    source: id,
    description: 'STRIPE PAYOUT',
    availableOn: realm.now,
    category: 'payout',
  });
  const payout = realm.insert('payout', {
    id,
    amount,
    arrival_date: arrival,
    automatic,
    balance_transaction: booked.id,
    currency,
    description: automatic ? 'STRIPE PAYOUT' : ((params['description'] ?? null) as string | null),
    destination: payee.id,
    metadata: mergeMetadata({}, params['metadata']),
    method: instant ? 'instant' : 'standard',
    reconciliation_status: automatic ? 'in_progress' : 'not_applicable',
    source_type: 'card',
    statement_descriptor: (params['statement_descriptor'] ?? settingsOf(realm).statement_descriptor) as
      | string
      | null,
    status: 'pending',
    trace_id: { status: 'pending', value: null },
    type: payee.object,
  });
  realm.emit('payout.created', payout);
  realm.later('payout.send', id, instant ? INSTANT_SEND_SECONDS : SEND_SECONDS);
  return payout;
}

function instantFee(amount: number): number {
  return Math.max(INSTANT_MIN, Math.round((amount * INSTANT_PERCENT) / 100));
}

/** The most that can be paid out instantly of so much, so that it and its fee fit into it. */
export function mostInstantly(available: number): number {
  let amount = Math.min(available - INSTANT_MIN, Math.ceil((available * 100) / (100 + INSTANT_PERCENT)));
  while (amount > 0 && amount + instantFee(amount) > available) amount -= 1;
  return Math.max(amount, 0);
}

/** Pays out all that is available, in every currency that has a bank account; what a schedule does. */
export function payOutAll(realm: Realm, currency: string): Payout | undefined {
  const keep = settingsOf(realm).minimum_balance_by_currency?.[currency] ?? 0;
  const amount = sumsOf(realm, currency).available - keep;
  const payee = destinationFor(realm, currency);
  if (amount < 1 || !payee) return undefined;
  const taken = realm.engine.store.table(realm, 'balance_transaction').where('payout', NOT_PAID_OUT);
  const due = taken.filter(({ object }) =>
    isDue(object as unknown as Stripe.BalanceTransaction, currency, realm.now),
  );
  const payout = makePayout(realm, { amount, currency, automatic: true, instant: false, payee });
  for (const { id } of due) realm.conceal('balance_transaction', id, { payout: payout.id });
  realm.conceal('balance_transaction', idOf(payout.balance_transaction) ?? '', { payout: payout.id });
  return payout;
}

/** The payout leaves for the bank. */
export function sendPayout(realm: Realm, id: string): void {
  const payout = realm.get('payout', id);
  if (payout?.status !== 'pending') return;
  const sent = realm.change('payout', id, {
    status: 'in_transit',
    ...(payout.automatic && { reconciliation_status: 'completed' }),
  });
  realm.emit('payout.updated', sent, { status: 'pending' });
  if (payout.automatic) realm.emit('payout.reconciliation_completed', sent);
  realm.later('payout.arrive', id, Math.max(0, payout.arrival_date - realm.now));
}

/** It has arrived, as far as Stripe can tell; a bank may still refuse it. */
export function arrivePayout(realm: Realm, id: string): void {
  const payout = realm.get('payout', id);
  if (payout?.status !== 'in_transit') return;
  const paid = realm.change('payout', id, {
    status: 'paid',
    trace_id: { status: 'supported', value: realm.secret(15).toUpperCase() },
  });
  realm.emit('payout.paid', paid);
  const refusal = bankOutcome(realm, idOf(payout.destination) ?? '');
  if (refusal !== undefined && payout.amount > 0) realm.later('payout.refuse', id, REFUSE_SECONDS);
}

/** The bank sends the money back; nothing more is paid out there until its owner gives another account. */
export function failPayout(realm: Realm, id: string, code: string): Payout | undefined {
  const payout = realm.get('payout', id);
  if (!payout || payout.status === 'failed' || payout.status === 'canceled') return payout;
  const booked = giveBack(realm, payout, 'payout_failure');
  const failed = realm.change('payout', id, {
    status: 'failed',
    failure_balance_transaction: booked,
    failure_code: code,
    failure_message: FAILURES[code] ?? 'The bank returned the payout.',
  });
  realm.emit('payout.failed', failed);
  markErrored(realm, idOf(payout.destination) ?? '');
  return failed;
}

export function cancelPayout(realm: Realm, payout: Payout): Payout {
  if (payout.status !== 'pending')
    throw refused(`Payouts can only be canceled while they are pending; ${payout.id} is ${payout.status}.`);
  const booked = giveBack(realm, payout, 'payout_cancel');
  const canceled = realm.change('payout', payout.id, {
    status: 'canceled',
    failure_balance_transaction: booked,
  });
  realm.emit('payout.canceled', canceled);
  return canceled;
}

/** Asks the bank for the money of a paid payout; this is a payout of its own, the other way round. */
export function reversePayout(realm: Realm, payout: Payout, metadata: unknown): Payout {
  if (payout.status !== 'paid' || payout.type !== 'bank_account' || payout.original_payout !== null)
    throw refused(`Payout ${payout.id} can't be reversed: only paid payouts to a bank account can be.`);
  if (payout.reversed_by !== null) throw refused(`Payout ${payout.id} has already been reversed.`);
  const id = realm.newId('payout');
  const arrival = nextBankDay(realm.now);
  const booked = post(realm, {
    type: 'payout',
    amount: payout.amount,
    currency: payout.currency,
    source: id,
    description: `REVERSAL OF PAYOUT ${payout.id}`,
    availableOn: arrival,
    category: 'payout_reversal',
  });
  const reversal = realm.insert('payout', {
    ...payout,
    id,
    created: realm.now,
    amount: -payout.amount,
    arrival_date: arrival,
    automatic: false,
    balance_transaction: booked.id,
    metadata: mergeMetadata({}, metadata),
    original_payout: payout.id,
    reconciliation_status: 'not_applicable',
    status: 'pending',
    trace_id: { status: 'pending', value: null },
  });
  const previous = { reversed_by: null };
  realm.emit('payout.created', reversal);
  realm.emit('payout.updated', realm.change('payout', payout.id, { reversed_by: id }), previous);
  realm.later('payout.send', id, SEND_SECONDS);
  return reversal;
}

function giveBack(realm: Realm, payout: Payout, type: 'payout_failure' | 'payout_cancel'): string {
  return post(realm, {
    type,
    amount: payout.amount,
    currency: payout.currency,
    source: payout.id,
    description: type === 'payout_failure' ? 'PAYOUT FAILURE' : 'PAYOUT CANCELED',
    category: 'payout_reversal',
  }).id;
}

function isDue(transaction: Stripe.BalanceTransaction, currency: string, now: number): boolean {
  return transaction.currency === currency && transaction.available_on <= now;
}

function tooLittle(): Error {
  return refused(
    'Insufficient funds in Stripe account. In test mode, you can add funds to your available balance ' +
      '(bypassing ' +
      'your pending balance) by creating a charge with 4000 0000 0000 0077 as the card number. You can ' +
      'use the ' +
      '/v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance).',
    { code: 'balance_insufficient' },
  );
}
