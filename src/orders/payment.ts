import type Stripe from 'stripe';
import { isStorable } from '../http/request.ts';
import { formatMoney, type Money } from '../money.ts';
import type { OrderRow } from './order.ts';

/** What of a session's payment has to be read along with it. */
export const PAYMENT_FIELDS = ['payment_intent.latest_charge.transfer'];

/** What Stripe's objects say of an order's payment besides its state. */
export interface PaymentFacts {
  intent: string | null;
  charge: string | null;
  /** In minor units; refunds on their way count until they fail. */
  refunded: number;
  /** The transfer of a destination charge. */
  transfer: string | null;
  /** What the buyer typed at Stripe. */
  email: string | null;
}

export function factsOf(session: Stripe.Checkout.Session): PaymentFacts {
  const charge = chargeOf(session);
  return {
    intent: idOf(session.payment_intent),
    charge: charge?.status === 'succeeded' ? charge.id : null,
    refunded: charge?.amount_refunded ?? 0,
    transfer: idOf(charge?.transfer),
    email: storable(session.customer_details?.email),
  };
}

// An address that PostgreSQL does not take must not hold up a payment.
function storable(email: string | null | undefined): string | null {
  return email && isStorable(email) ? email : null;
}

/** The session's payment intent, when it was expanded. */
export function intentOf(session: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  return typeof session.payment_intent === 'object' ? session.payment_intent : null;
}

export function chargeOf(session: Stripe.Checkout.Session): Stripe.Charge | null {
  const charge = intentOf(session)?.latest_charge;
  return typeof charge === 'object' ? charge : null;
}

/**
 * How the payment is split otherwise than the order says: another fee, another receiver, another merchant of
 * record. Null when it is as agreed.
 */
export function splitProblem(order: OrderRow, session: Stripe.Checkout.Session): string | null {
  const intent = intentOf(session);
  if (!intent) return null;
  const { charge_type: type, destination, fee } = order;
  const alone = type === 'destination' || type === 'direct';
  const agreed = {
    fee: alone ? fee : 0,
    receiver: type === 'destination' ? destination : null,
    behalf: order.on_behalf_of ? destination : null,
    group: type === 'separate' ? order.id : null,
  };
  for (const made of [intent, chargeOf(session)]) {
    if (!made) continue;
    const taken = made.application_fee_amount ?? 0;
    if (taken !== agreed.fee) return differs('fee', inCurrency(order, agreed.fee), inCurrency(order, taken));
    const receiver = idOf(made.transfer_data?.destination);
    if (receiver !== agreed.receiver) return differs('receiver', agreed.receiver, receiver);
    const part = made.transfer_data?.amount ?? null;
    if (part !== null)
      return differs('transfer', inCurrency(order, order.amount.value), inCurrency(order, part));
    const behalf = idOf(made.on_behalf_of);
    if (behalf !== agreed.behalf) return differs('merchant of record', agreed.behalf, behalf);
  }
  if (agreed.group !== null && intent.transfer_group !== agreed.group) {
    return differs('transfer group', agreed.group, intent.transfer_group);
  }
  return transferProblem(order, chargeOf(session));
}

// A destination charge sends everything on and takes the fee back. In another currency it was converted.
function transferProblem(order: OrderRow, charge: Stripe.Charge | null): string | null {
  const transfer = charge?.transfer;
  if (typeof transfer !== 'object' || transfer === null || order.charge_type !== 'destination') return null;
  const receiver = idOf(transfer.destination);
  if (receiver !== order.destination) return differs('receiver', order.destination, receiver);
  const { value, currency } = order.amount;
  if (transfer.currency !== currency || transfer.amount === value) return null;
  return differs('transfer', inCurrency(order, value), inCurrency(order, transfer.amount));
}

function inCurrency(order: OrderRow, value: number): string {
  return say({ value, currency: order.amount.currency });
}

/** An amount as operators read it. */
export function say(money: Money): string {
  return money.currency === '' ? String(money.value) : `${formatMoney(money)} (${money.currency})`;
}

function differs(what: string, agreed: string | null, made: string | null): string {
  return `the ${what} was agreed as ${agreed ?? 'none'}, Stripe made it ${made ?? 'none'}`;
}

export function idOf(reference: string | { id: string } | null | undefined): string | null {
  return typeof reference === 'object' ? (reference?.id ?? null) : (reference ?? null);
}
