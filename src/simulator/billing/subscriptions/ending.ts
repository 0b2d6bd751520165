import type { Params } from '../../contract/validate.ts';
import type { Subscription } from './store.ts';
import { cancellationOf } from './fields.ts';

/** What `cancel_at` and `cancel_at_period_end` make of a subscription; undefined when they say nothing. */
export function endOf(
  subscription: Subscription,
  params: Params,
  now = subscription.created,
): Partial<Subscription> | undefined {
  const { cancel_at_period_end: atEnd, cancel_at: date } = params;
  const ends = subscription.items.data.map((item) => item.current_period_end);
  if (atEnd === true) return ending(subscription, Math.min(...ends), true, params, now);
  if (date !== undefined && date !== null) {
    const words: Readonly<Record<string, number>> = {
      min_period_end: Math.min(...ends),
      max_period_end: Math.max(...ends),
    };
    return ending(subscription, words[date as string] ?? Number(date), false, params, now);
  }
  if (atEnd === false || date === null) {
    if (subscription.cancel_at === null) return undefined;
    return {
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: cancellationOf({}, null),
    };
  }
  return undefined;
}

function ending(
  subscription: Subscription,
  at: number,
  atEnd: boolean,
  params: Params,
  now: number,
): Partial<Subscription> {
  return {
    cancel_at: at,
    cancel_at_period_end: atEnd,
    canceled_at: subscription.canceled_at ?? now,
    cancellation_details: cancellationOf(params, 'cancellation_requested'),
  };
}
