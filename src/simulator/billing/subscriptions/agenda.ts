import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { wakeAt } from '../time/moments.ts';

type Subscription = Stripe.Subscription;

/** docs.stripe.com/billing/subscriptions/overview: how long the first payment of a subscription may take. */
export const INCOMPLETE_SECONDS = 23 * 3600;

/** docs.stripe.com/billing/subscriptions/trials: how long before its end a trial is announced to end. */
export const TRIAL_WARNING_SECONDS = 3 * DAY_SECONDS;

/** The Dashboard's setting for `invoice.upcoming`. */
export const UPCOMING_SECONDS = 7 * DAY_SECONDS;

/** When the first of the items' periods ends. */
export function periodEnd({ items }: Subscription): number {
  return Math.min(...items.data.map((item) => item.current_period_end));
}

/** When the period that ends first began. */
export function periodStart({ items }: Subscription): number {
  const first = items.data.toSorted((a, b) => a.current_period_end - b.current_period_end)[0];
  return first?.current_period_start ?? 0;
}

/** Plans what time does to a subscription next. */
export function planSubscription(realm: Realm, subscription: Subscription): void {
  const moments = momentsOf(realm, subscription);
  wakeAt(realm, 'subscription', subscription, moments.length === 0 ? null : Math.min(...moments));
}

function momentsOf(realm: Realm, subscription: Subscription): number[] {
  const {
    status,
    created,
    cancel_at,
    trial_end,
    pause_collection: pause,
    pending_update: pending,
  } = subscription;
  const { upcoming, trialWarned } = realm.hidden('subscription', subscription.id);
  const ends = cancel_at === null ? [] : [cancel_at];
  if (pending) ends.push(pending.expires_at);
  if (status === 'incomplete') return [created + INCOMPLETE_SECONDS];
  if (status === 'paused') return ends;
  if (status === 'canceled' || status === 'incomplete_expired') return [];
  const end = periodEnd(subscription);
  const warning = status === 'trialing' && trialWarned !== true && trial_end !== null;
  return [
    end,
    ...ends,
    ...(status === 'trialing' && trial_end !== null ? [trial_end] : []),
    ...(warning ? [trial_end - TRIAL_WARNING_SECONDS] : []),
    ...(pause && pause.resumes_at !== null ? [pause.resumes_at] : []),
    ...(upcoming !== end && announces(subscription) ? [end - UPCOMING_SECONDS] : []),
  ];
}

/** Whether the coming invoice is announced: not if its period is too short for that. */
export function announces(subscription: Subscription): boolean {
  return (
    subscription.status !== 'trialing' &&
    periodEnd(subscription) - UPCOMING_SECONDS > periodStart(subscription) &&
    !subscription.cancel_at_period_end
  );
}
