/** One event on its way to a sink. */
export interface SinkDelivery {
  /** `msg_…`: the same at every attempt and replay. Whoever receives it twice knows it by this. */
  id: string;
  type: string;
  /** When it happened, by Stripe's clock: ISO 8601. */
  timestamp: string;
  /** The connected account (`acct_…`), or null for our own. */
  account: string | null;
  livemode: boolean;
  /** The event as Stripe sent it. */
  event: Record<string, unknown>;
  /** 1 for the first; begins anew with a replay. */
  attempt: number;
  /** Aborted when the time for it is up. */
  signal: AbortSignal;
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery that is due, with its event's bytes. */
export interface DueDelivery {
  id: string;
  type: string;
  attempts: number;
  created: Date | null;
  received_at: Date;
  account: string;
  livemode: boolean;
  body: Buffer;
}

/**
 * What came of an attempt. `refused`: the receiver works and does not want this one; `away`: it can't be
 * reached or does not work; `gone`: it never wants any again (410).
 */
export type Attempt =
  | { readonly kind: 'delivered'; readonly status: number | null }
  | { readonly kind: 'refused' | 'away' | 'gone'; readonly status: number | null; readonly error: string };
