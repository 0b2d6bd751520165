import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { badParameter, refused } from '../server/errors.ts';
import { checkConnectParams } from '../money/connect-params.ts';
import { said } from './amounts.ts';
import { book } from './charges.ts';

type Intent = Stripe.PaymentIntent;

const CANCELABLE = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/** Takes the held money, or part of it; the rest is released. */
export function captureIntent(realm: Realm, intent: Intent, params: Params): Intent {
  if (intent.status !== 'requires_capture')
    throw unexpected(intent, 'capture', ['requires_capture'], 'captured');
  const amount = (params['amount_to_capture'] as number | undefined) ?? intent.amount_capturable;
  if (amount > intent.amount_capturable)
    throw badParameter(
      `Amount_to_capture (${said(amount, intent.currency)}) is greater than the remaining capturable ` +
        `amount ` +
        `(${said(intent.amount_capturable, intent.currency)}).`,
      { code: 'amount_too_large', param: 'amount_to_capture' },
    );
  const held = realm.need('charge', idOf(intent.latest_charge) ?? '');
  const fee = params['application_fee_amount'] as number | undefined;
  const split = params['transfer_data'] as { amount?: number } | undefined;
  const shared = { ...intent, ...(fee !== undefined && { application_fee_amount: fee }) };
  const transfer_data = split ? { ...intent.transfer_data, ...split } : intent.transfer_data;
  checkConnectParams(realm, { ...shared, transfer_data }, amount);
  const captured = realm.change('charge', held.id, {
    ...(fee !== undefined && { application_fee_amount: fee }),
    ...(held.transfer_data &&
      split && { transfer_data: { ...held.transfer_data, amount: split.amount ?? null } }),
    amount_captured: amount,
    amount_refunded: held.amount - amount,
    captured: true,
    ...(params['statement_descriptor'] !== undefined && {
      statement_descriptor: params['statement_descriptor'] as string,
    }),
  });
  const booked = book(realm, captured, false);
  const done = realm.change('payment_intent', intent.id, {
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: amount,
    ...(fee !== undefined && { application_fee_amount: fee }),
  });
  realm.emit('charge.captured', booked, { captured: false, amount_captured: 0, balance_transaction: null });
  realm.emit('payment_intent.succeeded', done);
  return done;
}

/** Ends an intent for good; held money is released. */
export function cancelIntent(realm: Realm, intent: Intent, params: Params): Intent {
  if (!CANCELABLE.includes(intent.status)) throw unexpected(intent, 'cancel', CANCELABLE, 'canceled');
  const [session] = realm.where('checkout.session', 'payment_intent', intent.id);
  if (session?.status === 'open')
    throw refused(
      'You cannot cancel this PaymentIntent because it is associated with an open Checkout Session. ' +
        'Expire the ' +
        'Checkout Session instead.',
      { code: 'payment_intent_unexpected_state' },
    );
  return end(
    realm,
    intent,
    (params['cancellation_reason'] ?? null) as Stripe.PaymentIntent.CancellationReason | null,
  );
}

/** The bank stops holding an amount that nobody took within seven days. */
export function releaseHold(realm: Realm, id: string): void {
  const intent = realm.get('payment_intent', id);
  if (intent?.status !== 'requires_capture') return;
  end(realm, intent, 'automatic');
}

function end(realm: Realm, intent: Intent, reason: Stripe.PaymentIntent.CancellationReason | null): Intent {
  const charge =
    intent.status === 'requires_capture' ? realm.get('charge', idOf(intent.latest_charge)) : undefined;
  const canceled = realm.change('payment_intent', intent.id, {
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: realm.now,
    cancellation_reason: reason,
    next_action: null,
  });
  if (charge) {
    const released = realm.change('charge', charge.id, { amount_refunded: charge.amount, refunded: true });
    const type = reason === 'automatic' ? 'charge.expired' : 'charge.refunded';
    realm.emit(type, released, { amount_refunded: 0, refunded: false });
  }
  realm.emit('payment_intent.canceled', canceled);
  return canceled;
}

function unexpected(intent: Intent, verb: string, statuses: string[], participle: string): Error {
  const message =
    `This PaymentIntent could not be ${participle} because it has a status of ${intent.status}. Only a ` +
    `PaymentIntent ` +
    `with one of the following statuses may be ${participle}: ${statuses.join(', ')}.`;
  const spoken =
    verb === 'cancel'
      ? message.replace('This PaymentIntent could not be canceled', 'You cannot cancel this PaymentIntent')
      : message;
  return refused(spoken, { code: 'payment_intent_unexpected_state' });
}
