import { closeReview } from '../payments/radar.ts';
import type { Resource } from '../server/call.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/api/radar/reviews */
export const reviews: Resource = {
  routes: {
    'POST /v1/reviews/{}/approve': ({ realm, ids }) =>
      closeReview(realm, realm.named('review', ids[0] ?? ''), 'approved') as unknown as StripeObject,
  },
};
