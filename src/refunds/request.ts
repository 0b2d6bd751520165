import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Problem } from '../http/problem.ts';
import type { ChargeType, OrderRow } from '../orders/order.ts';
import type { RefundReason } from './refund.ts';

const AMOUNT_MAX = 99_999_999;
const KEY_CHARACTERS_MAX = 255;
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

export type Reading<T> = { readonly value: T } | { readonly problem: Problem };

/**
 * Reads `{ amount?, reason?, reverse_transfer?, refund_application_fee? }`. Problems: `invalid_request` (400,
 * `field` names what is wrong), `invalid_idempotency_key` (400).
 */
export function readRefundRequest(body: unknown, requestKey: string | null): Reading<RefundRequest> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { problem: invalid(parsed.error.issues[0]) };
  if (requestKey !== null && !isKey(requestKey)) return { problem: BAD_KEY };
  const { amount = null, reason = null } = parsed.data;
  return {
    value: {
      amount,
      reason,
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
): Reading<Bearing> {
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

function isKey(key: string): boolean {
  return key.length <= KEY_CHARACTERS_MAX && /^[\x21-\x7e]+$/.test(key);
}

function invalid(issue: z.core.$ZodIssue | undefined): Problem {
  if (issue?.code === 'unrecognized_keys') {
    const known = 'amount, reason, reverse_transfer and refund_application_fee';
    return badField(issue.keys[0] ?? '', `is not a known field; known are ${known}`);
  }
  const field = issue?.path.join('.') ?? '';
  if (field === '') return badField('', 'The body must be a JSON object such as {"amount":500} or {}.');
  return badField(field, issue?.message ?? 'is wrong');
}

function badField(field: string, message: string): Problem {
  const detail = field === '' ? message : `"${field}" ${message}.`;
  return { status: 400, code: 'invalid_request', detail, extra: field === '' ? {} : { field } };
}

const BAD_KEY: Problem = {
  status: 400,
  code: 'invalid_idempotency_key',
  detail: `Idempotency-Key must be 1 to ${KEY_CHARACTERS_MAX} visible ASCII characters.`,
};
