import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer } from '../params.ts';
import { cancelSubscription } from '../subscriptions/cancel.ts';
import { alter, isLiving } from '../subscriptions/store.ts';
import { onClock } from '../time/moments.ts';
import { planSchedule } from './age.ts';
import { createSchedule, updateSchedule } from './create.ts';

type Schedule = Stripe.SubscriptionSchedule;

/** docs.stripe.com/api/subscription_schedules */
export const subscriptionSchedules: Resource = {
  routes: {
    'POST /v1/subscription_schedules': createSchedule,
    'POST /v1/subscription_schedules/{}': updateSchedule,
    'POST /v1/subscription_schedules/{}/cancel': cancel,
    'POST /v1/subscription_schedules/{}/release': release,
  },
  filters: {
    'subscription_schedule.scheduled': ({ status }, wanted) => (status === 'not_started') === wanted,
  },
};

/** A schedule ends with its subscription. */
export function endWithSubscription(realm: Realm, subscription: StripeObject): void {
  const schedule = realm.get('subscription_schedule', subscription['schedule'] as string | null);
  const details = subscription['cancellation_details'] as { reason: string | null } | null;
  const unpaid = details?.reason === 'payment_failed';
  if (schedule?.status === 'active') end(realm, schedule, unpaid ? 'aborted' : 'canceled');
}

function cancel(call: Call): StripeObject {
  const { params, ids } = call;
  const schedule = call.realm.named('subscription_schedule', ids[0] ?? '', 'schedule');
  checkRunning(schedule, 'cancel');
  const realm = onClock(call.realm, schedule);
  const subscription = realm.get('subscription', idOf(schedule.subscription));
  if (schedule.status === 'not_started') {
    end(realm, schedule, 'canceled');
    // Nothing had begun: Stripe calls that aborted.
    realm.emit('subscription_schedule.aborted', realm.need('subscription_schedule', schedule.id));
  } else if (subscription && isLiving(subscription)) {
    const asked = { invoice_now: params['invoice_now'] === true, prorate: params['prorate'] === true };
    cancelSubscription({ ...call, ids: [subscription.id], params: asked });
  }
  return answer(realm.need('subscription_schedule', schedule.id));
}

function end(realm: Realm, schedule: Schedule, how: 'aborted' | 'canceled'): void {
  const after = realm.change('subscription_schedule', schedule.id, {
    canceled_at: realm.now,
    current_phase: null,
    status: 'canceled',
  });
  planSchedule(realm, schedule.id);
  realm.emit(`subscription_schedule.${how}`, after);
}

function release(call: Call): StripeObject {
  const schedule = call.realm.named('subscription_schedule', call.ids[0] ?? '', 'schedule');
  checkRunning(schedule, 'release');
  const realm = onClock(call.realm, schedule);
  const subscription = idOf(schedule.subscription);
  const after = realm.change('subscription_schedule', schedule.id, {
    current_phase: null,
    released_at: realm.now,
    released_subscription: subscription,
    status: 'released',
    subscription: null,
  });
  planSchedule(realm, schedule.id);
  if (subscription !== null) alter(realm, subscription, { schedule: null });
  realm.emit('subscription_schedule.released', after);
  return answer(after);
}

function checkRunning({ status }: Schedule, verb: string): void {
  if (status === 'active' || status === 'not_started') return;
  throw refused(`You cannot ${verb} a subscription schedule that is currently in the \`${status}\` status.`);
}
