import { createHash } from 'node:crypto';
import { badField, type Read } from '../http/request.ts';
import type { ChargeType, OrderRow } from '../orders/order.ts';
import type { RefundBody } from './operations.ts';
import type { RefundReason } from './refund.ts';

/** What is asked for; null is what was not said. */
export interface RefundRequest {
  /** Minor units of the order's currency; null: all that is left. */
  amount: number | null;
  reason: RefundReason | null;
  reverseTransfer: boolean | null;
  refundApplicationFee: boolean | null;
  requestKey: string | null;
}

/** What a body asks for, under an idempotency key or without one. */
export function requestOf(body: RefundBody, requestKey: string | null): RefundRequest {
  return {
    amount: body.amount ?? null,
    reason: body.reason ?? null,
    reverseTransfer: body.reverse_transfer ?? null,
    refundApplicationFee: body.refund_application_fee ?? null,
    requestKey,
  };
}

/** Tells whether a repeated key asks for the same thing. */
export function requestHash(request: RefundRequest): string {
  const { amount, reason, reverseTransfer, refundApplicationFee } = request;
  return createHash('sha256')
    .update(JSON.stringify([amount, reason, reverseTransfer, refundApplicationFee]))
    .digest('hex');
}

/** Who bears a refund. */
export interface Bearing {
  reverseTransfer: boolean;
  refundApplicationFee: boolean;
}

/**
 * Who bears it when nobody says: those who were paid. Of a destination charge Stripe takes it back itself, of
 * a separate one we reverse the transfers, a direct one is the seller's own. What a kind of charge does not
 * have can't be asked for. `reverse_transfer: false`: the platform pays alone, and keeps its fee.
 */
export function bearingOf(
  { charge_type: type, fee }: Pick<OrderRow, 'charge_type' | 'fee'>,
  { reverseTransfer, refundApplicationFee }: RefundRequest,
): Read<Bearing> {
  if (reverseTransfer === true && !HAS_TRANSFER.has(type)) {
    return { problem: badField('reverse_transfer', `has nothing to reverse: ${WITHOUT_TRANSFER}`) };
  }
  if (refundApplicationFee === true && !(HAS_FEE.has(type) && fee > 0)) {
    return { problem: badField('refund_application_fee', 'has nothing to give back: Stripe took no fee') };
  }
  const reverse = HAS_TRANSFER.has(type) && (reverseTransfer ?? true);
  const shared = type === 'direct' || reverse;
  const back = refundApplicationFee ?? shared;
  return { value: { reverseTransfer: reverse, refundApplicationFee: back && HAS_FEE.has(type) && fee > 0 } };
}

const HAS_TRANSFER = new Set<ChargeType>(['destination', 'separate']);
// Of a separate charge the platform just keeps its part.
const HAS_FEE = new Set<ChargeType>(['destination', 'direct']);
const WITHOUT_TRANSFER = 'nothing of this payment was transferred';
