import type { Money } from '../money.ts';
import type { OrderRow } from '../orders/order.ts';
import { reasonOf } from './reasons.ts';

/** A dispute, or a bank's question that may become one, as the API tells it. Times are ISO 8601. */
export interface Dispute {
  id: string;
  /** The connected account that was paid directly, or null for our own. */
  account: string | null;
  livemode: boolean;
  /** Null when the payment is no order of ours. */
  order: string | null;
  charge: string;
  payment_intent: string | null;
  amount: Money;
  reason: string;
  /** The same in a sentence. */
  reason_words: string;
  /** Stripe's word. */
  status: string;
  /** The bank only asks; no money has moved. */
  inquiry: boolean;
  evidence_due_by: string | null;
  has_evidence: boolean;
  past_due: boolean;
  submission_count: number;
  opened_at: string;
  closed_at: string | null;
}

/** A dispute with what only we need. */
export interface DisputeRow extends Omit<Dispute, 'account' | 'reason_words'> {
  /** `''` is our own. */
  account: string;
  alerted_hours: number | null;
}

/** Where the money is: only asked about, taken for now, taken for good, or the seller's again. */
export type DisputeState = NonNullable<OrderRow['dispute_state']>;

interface Standing {
  stage: DisputeState;
  isOver: boolean;
  needsResponse: boolean;
}

const inquiry = { stage: 'inquiry', isOver: false, needsResponse: false } as const;
const open = { stage: 'open', isOver: false, needsResponse: false } as const;

/** docs.stripe.com/api/disputes/object, `status`. */
const STANDINGS: Record<string, Standing> = {
  warning_needs_response: { ...inquiry, needsResponse: true },
  warning_under_review: inquiry,
  warning_closed: { ...inquiry, isOver: true },
  needs_response: { ...open, needsResponse: true },
  under_review: open,
  // A decision is fought over once more; until then the money stays where it is.
  appeal_needs_response: { ...open, needsResponse: true },
  appeal_under_review: open,
  won: { stage: 'won', isOver: true, needsResponse: false },
  lost: { stage: 'lost', isOver: true, needsResponse: false },
  // Ended before the bank took anything for good.
  prevented: { stage: 'won', isOver: true, needsResponse: false },
};

/** Stripe's words for where a dispute stands, as far as we know them. */
export const DISPUTE_STATUSES = Object.keys(STANDINGS);

/** Those in which the bank waits for an answer. */
export const UNANSWERED_STATUSES = DISPUTE_STATUSES.filter((status) => STANDINGS[status]?.needsResponse);

/** What a status means. A word that Stripe invents later counts as open: money may be gone. */
export function standingOf(status: string): Standing {
  return STANDINGS[status] ?? open;
}

/** What an order is told of all its disputes: one that is open counts most, then one that was lost. */
export function stateOf(statuses: readonly string[]): DisputeState | null {
  const stages = new Set(statuses.map((status) => standingOf(status).stage));
  return (['open', 'lost', 'won', 'inquiry'] as const).find((state) => stages.has(state)) ?? null;
}

/** The public part of a dispute, as `GET /api/disputes/:id` answers it. */
export function publicDispute({ alerted_hours: _ours, account, ...dispute }: DisputeRow): Dispute {
  const { words: reason_words } = reasonOf(dispute.reason);
  return { ...dispute, reason_words, account: account === '' ? null : account };
}
