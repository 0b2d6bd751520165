import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { badParameter } from '../server/errors.ts';
import { pursesOf, sums } from './ledger.ts';
import { planPayout } from './schedule.ts';
import {
  changeSettings,
  DELAY_DAYS,
  settingsOf,
  WEEKDAYS,
  type PayoutSettings,
  type Weekday,
} from './settings.ts';

/** docs.stripe.com/connect/manage-payout-schedule */
const DELAY_DAYS_MAX = 31;

/** Payout settings as `settings.payouts` of an account shows them. */
export function shownPayouts(realm: Realm): Stripe.Account.Settings.Payouts {
  const { debit_negative_balances, delay_days, interval, statement_descriptor, ...days } = settingsOf(realm);
  const weekly = days.weekly_payout_days.length > 0 ? [...days.weekly_payout_days] : ['monday' as const];
  const monthly = days.monthly_payout_days.length > 0 ? [...days.monthly_payout_days] : [1];
  return {
    debit_negative_balances,
    schedule: {
      delay_days,
      interval,
      ...(interval === 'weekly' && { weekly_anchor: weekly[0], weekly_payout_days: weekly }),
      ...(interval === 'monthly' && { monthly_anchor: monthly[0], monthly_payout_days: monthly }),
    },
    statement_descriptor,
  };
}

/** Takes over the parameters `settings[payouts]` of an account. */
export function applyPayoutParams(realm: Realm, given: Params): void {
  const schedule = (given['schedule'] ?? {}) as Params;
  const { delay_days: delay, interval, weekly_anchor: week, monthly_anchor: month } = schedule;
  const weekly = (schedule['weekly_payout_days'] ?? (week === undefined ? undefined : [week])) as
    | Weekday[]
    | undefined;
  const monthly = (schedule['monthly_payout_days'] ?? (month === undefined ? undefined : [month])) as
    | number[]
    | undefined;
  const days = delay === 'minimum' || delay === undefined ? undefined : Number(delay);
  changeSchedule(realm, {
    ...(interval !== undefined && { interval: interval as PayoutSettings['interval'] }),
    ...(weekly && { weekly_payout_days: weekly }),
    ...(monthly && { monthly_payout_days: monthly }),
    ...(delay !== undefined && { delay_days: days ?? DELAY_DAYS, overridden: days !== undefined }),
    ...(given['debit_negative_balances'] !== undefined && {
      debit_negative_balances: given['debit_negative_balances'] === true,
    }),
    ...(given['statement_descriptor'] !== undefined && {
      statement_descriptor: given['statement_descriptor'] as string | null,
    }),
  });
}

/** Changes how an account is paid out, and plans the next payout after the new schedule. */
export function changeSchedule(realm: Realm, changes: Partial<PayoutSettings>): PayoutSettings {
  const { delay_days: days, weekly_payout_days: weekly = [], monthly_payout_days: monthly = [] } = changes;
  const path = 'settings[payouts][schedule]';
  if (days !== undefined && !(days >= DELAY_DAYS && days <= DELAY_DAYS_MAX))
    throw badParameter(`delay_days must be between ${DELAY_DAYS} and ${DELAY_DAYS_MAX}.`, {
      param: `${path}[delay_days]`,
    });
  if (!weekly.every((day) => WEEKDAYS.includes(day)))
    throw badParameter('Payouts can be made from Monday to Friday only.', {
      param: `${path}[weekly_payout_days]`,
    });
  if (!monthly.every((day) => day >= 1 && day <= 31))
    throw badParameter('monthly_payout_days must be days of a month, 1 to 31.', {
      param: `${path}[monthly_payout_days]`,
    });
  const after = changeSettings(realm, { ...changes, next: null });
  for (const purse of pursesOf(realm)) {
    if (sums(purse, realm.now).available > 0) planPayout(realm, realm.now);
    for (const time of Object.keys(purse.later)) planPayout(realm, Number(time));
  }
  return after;
}
