import type Stripe from 'stripe';
import { findOrder, paymentOf } from '../disputes/payment.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { done, ignored, retryLater, type Outcome } from '../inbox/outcome.ts';
import { newId } from '../ids.ts';
import { formatMoney } from '../money.ts';
import { MOVEMENT_FIELD } from '../movements/movement.ts';
import { movementById } from '../movements/rows.ts';
import type { OrderRow } from '../orders/order.ts';
import { lockOrder, orderById } from '../orders/rows.ts';
import type { SettleContext, Settler } from '../orders/settle.ts';
import { addReversed, sharesOf } from '../orders/share-rows.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { isDead, isLive, statusOf, type RefundRow } from './refund.ts';
import * as rows from './rows.ts';
import { giveToShares, takeFromShares } from './shares.ts';

/** The purpose of the movements that are refunds; their subject is our id of the refund. */
export const REFUND = 'refund';

export interface RefundSyncOptions {
  settler: Pick<Settler, 'settle'>;
  alarm: RaiseAlarm;
}

/**
 * Brings a refund, its order and the sellers' parts to what Stripe says of it now. The only way a refund
 * changes once Stripe has it: the call's own result, events and the timetable all come here.
 */
export class RefundSync {
  readonly #options: RefundSyncOptions;

  constructor(options: RefundSyncOptions) {
    this.#options = options;
  }

  /** `hint` is what an event says of the refund; without it Stripe is asked whose it is. */
  async sync(id: string, context: SettleContext, hint: Record<string, unknown> | null): Promise<Outcome> {
    const { sql, side, stripe } = context;
    const known = await rows.refundByStripeId(sql, side, id);
    const about = known ? null : (hint ?? (await unlessMissing(stripe.refunds.retrieve(id))));
    const order = known?.order_id ?? (about && (await orderOf(about, context)));
    return order ? this.follow(order, id, context) : ignored('no refund of an order of ours');
  }

  /** The same for a refund that is known to be of this order. */
  async follow(orderId: string, id: string, context: SettleContext): Promise<Outcome> {
    const { sql, stripe } = context;
    const order = await lockOrder(sql, orderId);
    if (!order) return retryLater(`order ${orderId} is not here yet`);
    // Under the order's lock from here on, reading Stripe included: what is read can't be overtaken.
    const found = await unlessMissing(stripe.refunds.retrieve(id, { expand: ['transfer_reversal'] }));
    if (!found) return ignored('Stripe has no such refund');
    const before = await this.#rowOf(order, found, context);
    const refund = await rows.changeRefund(sql, before.id, {
      status: statusOf(found.status),
      failureReason: found.failure_reason ?? null,
      stripeRefund: found.id,
    });
    if (before.stripe_refund === null) await noteReversal(order, found, context);
    const settled = await this.#options.settler.settle({ order: order.id }, context);
    const now = settled.order ?? order;
    if (isLive(refund)) await takeFromShares(now, context);
    if (isDead(refund)) await giveToShares(now, { refund, found }, context);
    if (isDead(refund) && !isDead(before)) this.#tell(refund);
    return settled.outcome.kind === 'retry' ? settled.outcome : done;
  }

  /** The row of a refund; one that was made in Stripe's Dashboard gets one. */
  async #rowOf(order: OrderRow, found: Stripe.Refund, { sql, side }: SettleContext): Promise<RefundRow> {
    const known = await rows.refundByStripeId(sql, side, found.id);
    if (known) return known;
    const movement = await movementById(sql, found.metadata?.[MOVEMENT_FIELD] ?? '');
    const asked = movement?.purpose === REFUND ? await rows.refundById(sql, movement.subject) : null;
    if (asked?.order_id === order.id) return asked;
    return rows.insertRefund(sql, {
      ...side,
      id: newId('rfd'),
      orderId: order.id,
      amount: found.amount,
      currency: found.currency,
      reason: found.reason ?? null,
      // Of a cart the Dashboard can't say who pays: those who were paid, as when nobody says it here.
      reverseTransfer: order.charge_type === 'separate' || Boolean(found.transfer_reversal),
      refundApplicationFee: false,
      status: statusOf(found.status),
      stripeRefund: null,
      source: 'stripe',
      requestKey: null,
      requestHash: null,
    });
  }

  #tell(refund: RefundRow): void {
    const why = refund.failure_reason ?? 'for an untold reason';
    const end = refund.status === 'failed' ? 'has failed' : 'was canceled';
    const detail =
      `the refund of ${formatMoney(refund.amount)} of order ${refund.order_id} ${end} (${why}): ` +
      'the buyer has not got it, and it counts as not given back';
    this.#options.alarm('refund_failed', refund.id, detail);
  }
}

async function orderOf(
  refund: Record<string, unknown> | Stripe.Refund,
  context: SettleContext,
): Promise<string | null> {
  const payment = paymentOf(refund);
  // What a reversed transfer gives back on the seller's account is a refund there, of no order.
  const found = payment.intent === null ? null : await findOrder(payment, context);
  const order = found === null ? null : await orderById(context.sql, found);
  // Who paid an order twice gets one payment back; the other one is the order's.
  return order && (order.payment_intent ?? payment.intent) === payment.intent ? order.id : null;
}

/** Keeps what Stripe itself took back from the seller of a destination charge with this refund. */
async function noteReversal(order: OrderRow, found: Stripe.Refund, { sql }: SettleContext): Promise<void> {
  const reversal = found.transfer_reversal;
  const [share] = await sharesOf(sql, order.id);
  if (!share || !reversal || typeof reversal === 'string') return;
  await addReversed(sql, { orderId: order.id, seller: share.seller, amount: reversal.amount });
}
