import type { Realm } from '../realm.ts';
import { changeSettings, settingsOf, WEEKDAYS, type PayoutSettings, type Weekday } from './settings.ts';

const DAY_SECONDS = 24 * 3600;
const SATURDAY = 6;

/** A month has at most this many days; a schedule that fits none of them would look for ever. */
const DAYS_LOOKED_AHEAD = 62;

/** Plans the automatic payout that takes along what is available at `from`; none when paid out by hand. */
export function planPayout(realm: Realm, from: number): void {
  const settings = settingsOf(realm);
  const time = nextPayout(settings, Math.max(from, realm.now));
  if (time === undefined || (settings.next !== null && settings.next <= time && settings.next > realm.now))
    return;
  changeSettings(realm, { next: time });
  realm.later('payout.run', String(time), time - realm.now);
}

/** The next midnight in UTC, at or after `from`, on which the schedule pays out. */
function nextPayout(settings: PayoutSettings, from: number): number | undefined {
  if (settings.interval === 'manual') return undefined;
  const first = Math.ceil(from / DAY_SECONDS) * DAY_SECONDS;
  for (let day = 0; day <= DAYS_LOOKED_AHEAD; day += 1) {
    const time = first + day * DAY_SECONDS;
    if (fits(settings, new Date(time * 1000))) return time;
  }
  return undefined;
}

/** When a bank has a payment that leaves now: at the beginning of its next working day. */
export function nextBankDay(now: number): number {
  let time = (Math.floor(now / DAY_SECONDS) + 1) * DAY_SECONDS;
  while (isWeekend(new Date(time * 1000))) time += DAY_SECONDS;
  return time;
}

function fits({ interval, weekly_payout_days, monthly_payout_days }: PayoutSettings, date: Date): boolean {
  if (interval === 'weekly') {
    const days: readonly Weekday[] = weekly_payout_days.length > 0 ? weekly_payout_days : ['monday'];
    return !isWeekend(date) && days.includes(WEEKDAYS[date.getUTCDay() - 1] ?? 'monday');
  }
  if (interval !== 'monthly') return true;
  const days = monthly_payout_days.length > 0 ? monthly_payout_days : [1];
  const today = date.getUTCDate();
  // Stripe pays on the last day of a month that is too short.
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return days.some((day) => Math.min(day, last) === today);
}

function isWeekend(date: Date): boolean {
  return date.getUTCDay() === 0 || date.getUTCDay() === SATURDAY;
}
