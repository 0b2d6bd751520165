import type { Money } from '../money.ts';

export const REFUND_STATUSES = [
  'requested',
  'pending',
  'requires_action',
  'succeeded',
  'failed',
  'canceled',
  'refused',
] as const;

/**
 * `requested`: not yet at Stripe. `refused`: Stripe would not make it. The others are Stripe's; a refund that
 * is `pending` or even `succeeded` can still fail.
 */
export type RefundStatus = (typeof REFUND_STATUSES)[number];

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

/** A refund as it is stored. Times are ISO 8601. */
export interface RefundRow {
  id: string;
  account: string;
  livemode: boolean;
  order_id: string;
  amount: Money;
  reason: string | null;
  /** Those who shared in the payment share in the refund; else the platform pays alone. */
  reverse_transfer: boolean;
  refund_application_fee: boolean;
  status: RefundStatus;
  failure_reason: string | null;
  /** Stripe's id, `re_…` or `pyr_…`. */
  stripe_refund: string | null;
  /** Asked for here, or made in Stripe's Dashboard. */
  source: 'api' | 'stripe';
  request_key: string | null;
  request_hash: string | null;
  created_at: string;
  updated_at: string;
}

const AT_STRIPE = new Set<RefundStatus>(['pending', 'requires_action', 'succeeded']);
const DEAD = new Set<RefundStatus>(['failed', 'canceled']);

/** True when Stripe has it and counts it as given back. */
export function isLive({ status }: Pick<RefundRow, 'status'>): boolean {
  return AT_STRIPE.has(status);
}

/** True when its money came back. */
export function isDead({ status }: Pick<RefundRow, 'status'>): boolean {
  return DEAD.has(status);
}

/** True when its money can't be given back a second time: also what is only asked for. */
export function isTaken(refund: Pick<RefundRow, 'status'>): boolean {
  return refund.status === 'requested' || isLive(refund);
}

/** Stripe's word for a state, also one that is newer than we are. */
export function statusOf(word: string | null): RefundStatus {
  switch (word) {
    case 'pending':
    case 'requires_action':
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return word;
    default:
      return 'pending';
  }
}
