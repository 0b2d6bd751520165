import type Stripe from 'stripe';
import type { Sql } from '../db/sql.ts';
import type { Enqueue } from '../inbox/handlers.ts';

/** Takes a disputed payment's money back from a seller. */
export const REVERSAL = 'dispute_reversal';

/** Gives a seller again what the reversal took. */
export const RETRANSFER = 'dispute_retransfer';

/** The metadata field that names the dispute on what is moved because of it. */
export const DISPUTE_FIELD = 'quittance_dispute';

/** What a plan is made in. */
export interface PlanContext {
  sql: Sql;
  enqueue: Enqueue;
  stripe: Stripe;
}

/** What a movement is for: this dispute, this seller. */
export function subjectOf(dispute: string, seller: string): string {
  return `${dispute}/${seller}`;
}

/** The dispute and the seller of a subject. */
export function partsOf(subject: string): { dispute: string; seller: string } {
  const [dispute = '', seller = ''] = subject.split('/');
  return { dispute, seller };
}
