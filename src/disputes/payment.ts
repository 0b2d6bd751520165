import type Stripe from 'stripe';
import { idOf } from '../orders/payment.ts';
import { orderById, type Side } from '../orders/rows.ts';
import { ORDER_FIELD, type SettleContext } from '../orders/settle.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { orderOfPayment } from './rows.ts';

/** The payment that a dispute or a warning is about. */
export interface Payment {
  charge: string | null;
  intent: string | null;
}

type Reference = Parameters<typeof idOf>[0];

/** What an object of Stripe, also one out of an event, says of its payment. */
export function paymentOf(object: { charge?: unknown; payment_intent?: unknown }): Payment {
  return { charge: idOf(object.charge as Reference), intent: idOf(object.payment_intent as Reference) };
}

/**
 * The order that was paid. One whose payment we have not heard of yet is found by the name it was given at
 * Stripe: a bank may be faster than our own events. Null when it is no order of ours.
 */
export async function findOrder(
  payment: Payment,
  { sql, side, stripe }: Pick<SettleContext, 'sql' | 'side' | 'stripe'>,
): Promise<string | null> {
  const known = await orderOfPayment(sql, side, payment);
  if (known !== null) return known;
  const paid = await readPayment(payment, stripe);
  const named = paid?.metadata[ORDER_FIELD];
  const order = named ? await orderById(sql, named) : null;
  return order && sameSide(order, side) ? order.id : null;
}

async function readPayment(
  { charge, intent }: Payment,
  stripe: Stripe,
): Promise<Stripe.PaymentIntent | Stripe.Charge | null> {
  if (intent !== null) return unlessMissing(stripe.paymentIntents.retrieve(intent));
  return charge === null ? null : unlessMissing(stripe.charges.retrieve(charge));
}

function sameSide(a: Side, b: Side): boolean {
  return a.account === b.account && a.livemode === b.livemode;
}
