import type Stripe from 'stripe';
import type { Movement } from '../../src/movements/movement.ts';
import { movementsOf } from '../../src/movements/rows.ts';
import { wholeOrderOf, type Ordered } from './cart.ts';
import type { Marketplace } from './marketplace.ts';
import { API_KEY, until } from './quittance.ts';

/** The card whose refunds fail after they had succeeded, and the one whose refunds take time. */
export const REFUND_FAILS = {
  method: 'card',
  number: '4000000000005126',
  expiry: '12/34',
  cvc: '123',
  postal: '12345',
};
export const REFUND_PENDING = { ...REFUND_FAILS, number: '4000000000007726' };
/** How long the simulator's banks take to answer a refund. */
export const REFUND_SECONDS = 6;

/** A refund as the API tells it, or the problem. */
export interface RefundAnswer {
  http: number;
  id: string;
  status: string;
  amount: { value: number; currency: string };
  reverse_transfer: boolean;
  refund_application_fee: boolean;
  stripe_refund: string;
  stripe_account: string | null;
  failure_reason: string | null;
  source: string;
  code?: string;
  detail?: string;
  field?: string;
  left?: { value: number; currency: string };
}

interface Place {
  url: string;
}

/** Asks for a refund of an order under the API key. */
export async function askRefund(
  { url }: Place,
  { order }: Pick<Ordered, 'order'>,
  body: unknown = {},
  key?: string,
): Promise<RefundAnswer> {
  const answer = await fetch(`${url}/api/orders/${order}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, ...(key ? { 'idempotency-key': key } : {}) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const told = (await answer.json()) as RefundAnswer;
  return { ...told, http: answer.status };
}

/** The refunds of an order, as its own address tells them. */
export async function refundsOf({ url }: Place, { order }: Pick<Ordered, 'order'>): Promise<RefundAnswer[]> {
  const answer = await fetch(`${url}/api/orders/${order}/refunds`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  return ((await answer.json()) as { data: RefundAnswer[] }).data;
}

/** The only refund of an order, once it has this status. */
export function refundIn(place: Place, order: Pick<Ordered, 'order'>, status: string): Promise<RefundAnswer> {
  return until(async () => {
    const [refund] = await refundsOf(place, order);
    return refund?.status === status && refund;
  }, `the refund of ${order.order} to be ${status}`);
}

/** The movements of an order of this purpose, once so many are done. */
export function movedFor(
  { sql }: Pick<Marketplace, 'sql'>,
  { order }: Pick<Ordered, 'order'>,
  { purpose, times }: { purpose: string; times: number },
): Promise<Movement[]> {
  return until(async () => {
    const all = (await movementsOf(sql, order)).filter((movement) => movement.purpose === purpose);
    const finished = all.filter(({ status }) => status === 'done');
    return finished.length === times && all.length === times && all;
  }, `${times} of ${purpose} for ${order}`);
}

/** What Stripe has of refunds for an order. */
export async function refundsAtStripe(
  shop: Pick<Marketplace, 'api' | 'stripe'>,
  order: Ordered,
): Promise<Stripe.Refund[]> {
  const { payment_intent } = await wholeOrderOf(shop, order);
  const options = order.account ? { stripeAccount: order.account } : undefined;
  const { data } = await shop.stripe.refunds.list(
    { payment_intent: payment_intent ?? '', limit: 100 },
    options,
  );
  return data.toReversed();
}

/** What the timetable does, for movements whose time would come later. */
export async function sweepNow(
  { sql }: Pick<Marketplace, 'sql'>,
  ...movements: Pick<Movement, 'id'>[]
): Promise<void> {
  const ids = movements.map(({ id }) => id);
  await sql`update quittance.movement set run_at = now() where id = any (${ids}::text[])`;
  await sql`select graphile_worker.add_job('quittance.sweep_movements')`;
}
