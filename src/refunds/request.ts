import { createHash } from 'node:crypto';
import { z } from 'zod';
import { badField, invalidRequest, type Read } from '../http/request.ts';
import type { ChargeType, OrderRow } from '../orders/order.ts';
import type { RefundReason } from './refund.ts';

const AMOUNT_MAX = 99_999_999;
const YES_OR_NO = 'must be true or false';

const bodySchema = z.strictObject({
  amount: z
    .int({ error: 'must be a whole number of minor units' })
    .min(1, 'must be at least 1')
    .max(AMOUNT_MAX, `must be at most ${AMOUNT_MAX}`)
    .optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  reverse_transfer: z.boolean({ error: YES_OR_NO }).optional(),
  refund_application_fee: z.boolean({ error: YES_OR_NO }).optional(),
});

/** What is asked for; null is what was not said. */
export interface RefundRequest {
  /** Minor units of the order's currency; null: all that is left. */
  amount: number | null;
  reason: RefundReason | null;
  reverseTransfer: boolean | null;
  refundApplicationFee: boolean | null;
  requestKey: string | null;
}

/**
 * Reads `{ amount?, reason?, reverse_transfer?, refund_application_fee? }`. Problem: `invalid_request` (400,
 * `field` names what is wrong).
 */
export function readRefundRequest(body: unknown, requestKey: string | null): Read<RefundRequest> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { problem: invalidRequest(parsed.error, '{"amount":500}, or {} for all') };
  return {
    value: {
      amount: parsed.data.amount ?? null,
      reason: parsed.data.reason ?? null,
      reverseTransfer: parsed.data.reverse_transfer ?? null,
      refundApplicationFee: parsed.data.refund_application_fee ?? null,
      requestKey,
    },
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
