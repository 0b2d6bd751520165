import type { Resource } from '../server/call.ts';
import { entitle } from './entitlements/routes.ts';
import { endWithSubscription } from './schedules/routes.ts';

/** What else changes with a subscription, whoever changed that. */
export const afterSubscription: Resource = {
  follows: {
    'customer.subscription.created': entitle,
    'customer.subscription.updated': entitle,
    'customer.subscription.deleted': (realm, subscription) => {
      endWithSubscription(realm, subscription);
      entitle(realm, subscription);
    },
  },
};
