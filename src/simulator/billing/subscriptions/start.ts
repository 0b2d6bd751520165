import type { Params } from '../../contract/validate.ts';
import { badParameter } from '../../server/errors.ts';
import { group, number } from '../params.ts';
import { DAY_SECONDS, anchorAfter, type Period } from '../time/calendar.ts';
import { periodOf, type WantedItem } from './items.ts';

// docs.stripe.com/api/subscriptions/create#create_subscription-trial_end
const TRIAL_DAYS_MAX = 730;

/** When a subscription begins, until when it is free, and what its periods are counted from. */
export interface Start {
  begins: number;
  trialEnd: number | null;
  anchor: number;
  /** The first period is shorter than the others, because the anchor lies ahead. */
  stub: boolean;
}

/** Reads `trial_end`, `trial_period_days`, `billing_cycle_anchor` and `backdate_start_date`. */
export function readStart(params: Params, items: readonly WantedItem[], now: number): Start {
  const begins = number(params, 'backdate_start_date') ?? now;
  if (begins > now)
    throw badParameter('`backdate_start_date` must be in the past.', { param: 'backdate_start_date' });
  const trialEnd = trialOf(params, items, now);
  const config = params['billing_cycle_anchor_config'] as { day_of_month: number } | undefined;
  const given = number(params, 'billing_cycle_anchor') ?? (config && anchorAfter(now, config));
  if (given !== undefined) checkAnchor(given, items, now);
  return {
    begins,
    trialEnd,
    anchor: given ?? trialEnd ?? begins,
    stub: given !== undefined && trialEnd === null && given > now,
  };
}

/** The first period of an item: the trial, what is left until the anchor, or a whole one. */
export function firstPeriod(
  { begins, trialEnd, anchor, stub }: Start,
  item: WantedItem,
  now: number,
): Period {
  if (trialEnd !== null) return { start: now, end: trialEnd };
  const whole = periodOf(item.price, anchor, now);
  if (stub) return { start: now, end: whole.end };
  return begins < now ? { start: begins, end: whole.end } : whole;
}

/** `trial_end` as a moment in the future; null for no trial. */
export function trialOf(params: Params, items: readonly WantedItem[], now: number): number | null {
  const end = params['trial_end'];
  const days = number(params, 'trial_period_days') ?? planDays(params, items);
  if (end !== undefined && params['trial_period_days'] !== undefined)
    throw badParameter('You may only specify one of these parameters: trial_end, trial_period_days.', {
      code: 'parameters_exclusive',
    });
  if (end === 'now') return null;
  if (end !== undefined && end !== null) return checkTrial(Number(end), now);
  if (days === undefined || days === 0) return null;
  if (days < 1) throw badParameter('Trial period days must be at least 1.', { param: 'trial_period_days' });
  return checkTrial(now + days * DAY_SECONDS, now);
}

/** A trial that the price brings along; only when it is asked for. */
function planDays(params: Params, items: readonly WantedItem[]): number | undefined {
  const asked = params['trial_from_plan'] === true || group(params, 'trial_from_plan')['enabled'] === true;
  if (!asked) return undefined;
  return items.map(({ price }) => price.recurring?.trial_period_days).find((days) => days !== null);
}

function checkTrial(end: number, now: number): number {
  if (end <= now)
    throw badParameter('Invalid timestamp: must be an integer Unix timestamp in the future.', {
      param: 'trial_end',
    });
  if (end > now + TRIAL_DAYS_MAX * DAY_SECONDS + DAY_SECONDS)
    throw badParameter('A trial can be at most two years long.', { param: 'trial_end' });
  return end;
}

function checkAnchor(anchor: number, items: readonly WantedItem[], now: number): void {
  if (anchor < now)
    throw badParameter('Invalid timestamp: must be an integer Unix timestamp in the future.', {
      param: 'billing_cycle_anchor',
    });
  const late = items.some(({ price }) => anchor > periodOf(price, now, now).end);
  if (late)
    throw badParameter('billing_cycle_anchor cannot be later than next natural billing date for plan.', {
      param: 'billing_cycle_anchor',
    });
}
