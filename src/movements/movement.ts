import type Stripe from 'stripe';
import type { Money } from '../money.ts';

/** A call that moves money: which of Stripe's. */
export type MovementKind = 'refund' | 'transfer' | 'reversal' | 'payout';

/** `refused`: Stripe will not do it; `error_code` and `error` say why, in its words. */
type MovementStatus = 'planned' | 'done' | 'refused';

/** What Stripe answers with. */
export type Moved = Stripe.Refund | Stripe.Transfer | Stripe.TransferReversal | Stripe.Payout;

/** The metadata field that names a movement of ours on Stripe's objects. */
export const MOVEMENT_FIELD = 'quittance_movement';

/** A movement somebody wants. */
export interface NewMovement {
  /** The Stripe account the call is made on: `''` is our own. */
  account: string;
  livemode: boolean;
  kind: MovementKind;
  /** What happens when it is done: see `Movements.on`. */
  purpose: string;
  /** What it is for. The same purpose and subject are the same movement, however often it is planned. */
  subject: string;
  orderId: string | null;
  amount: Money;
  /** The transfer (`tr_…`) that a reversal takes back. */
  target?: string;
  /** Further parameters of Stripe's call; amount, currency and metadata are added. */
  params: Record<string, unknown>;
  /** Not before this time. At once when absent. */
  runAt?: Date;
}

/** A movement as it is stored. Times are ISO 8601. */
export interface Movement {
  id: string;
  account: string;
  livemode: boolean;
  kind: MovementKind;
  purpose: string;
  subject: string;
  order_id: string | null;
  amount: Money;
  target: string | null;
  /** What is sent, word for word: under the same key Stripe takes nothing else. */
  params: Record<string, unknown>;
  /** The number of its idempotency key. */
  attempt: number;
  /** When this key was used first; null when it was not yet. */
  tried_at: string | null;
  /** How often it was put off. */
  postponed: number;
  run_at: string;
  status: MovementStatus;
  stripe_id: string | null;
  error_code: string | null;
  error: string | null;
  created_at: string;
  updated_at: string;
}

/** A movement in words, for alarms. */
export function say({ kind, purpose, subject, amount }: Movement): string {
  return `${kind} of ${amount.value} ${amount.currency} (${purpose}, ${subject})`;
}
