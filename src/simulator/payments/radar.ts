import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { refused } from '../server/errors.ts';

type Review = Stripe.Review;

/** Ends a review; its payment no longer names it. */
export function closeReview(
  realm: Realm,
  review: Review,
  reason: NonNullable<Review['closed_reason']>,
): Review {
  if (!review.open)
    throw refused(`Review ${review.id} is already closed with the reason ${review.closed_reason}.`);
  const closed = realm.change('review', review.id, { open: false, closed_reason: reason, reason });
  const charge = idOf(review.charge);
  if (charge !== null && realm.get('charge', charge)) realm.change('charge', charge, { review: null });
  const intent = idOf(review.payment_intent);
  if (intent !== null && realm.get('payment_intent', intent))
    realm.change('payment_intent', intent, { review: null });
  realm.emit('review.closed', closed);
  return closed;
}

/**
 * A charge was given back or is disputed: there is nothing left to review, and nothing that a warning of
 * fraud could
 * still prevent.
 */
export function settleRisk(
  realm: Realm,
  charge: Stripe.Charge,
  why: 'disputed' | 'refunded' | 'refunded_as_fraud',
): void {
  const review = realm.get('review', idOf(charge.review));
  if (review?.open) closeReview(realm, review, why);
  for (const warning of realm.where('radar.early_fraud_warning', 'charge', charge.id)) {
    if (!warning.actionable) continue;
    const after = realm.change('radar.early_fraud_warning', warning.id, { actionable: false });
    realm.emit('radar.early_fraud_warning.updated', after, { actionable: true });
  }
}
