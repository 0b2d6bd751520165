import type Stripe from 'stripe';
import type { Read } from '../http/request.ts';
import type { Problem } from '../http/problem.ts';
import { stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import { dashboardOf, type SellerAccount } from './account.ts';
import { refusalProblem, STRIPE_AWAY } from './refusals.ts';
import type { ScheduleChange } from './schedule-request.ts';

/** When a seller's money is paid out. */
export interface Schedule {
  /** `daily`, `weekly`, `monthly`, or `manual`: only on request. */
  interval: string;
  /** Of a weekly one: `monday` to `friday`. */
  weekly_payout_days: string[];
  /** Of a monthly one: 1 to 31; in a shorter month the last day. */
  monthly_payout_days: number[];
  /** Days until a payment's money is available. */
  delay_days: number;
  /** Which of Stripe's APIs it was read from. */
  source: 'balance_settings' | 'account';
}

/** Stripe has two places for the same setting; each can be read and changed. */
interface Place {
  read: () => Promise<Schedule>;
  change: (change: ScheduleChange) => Promise<Schedule>;
}

/** `platform` is our own client; `target` has the one that speaks for the account. */
interface Where {
  platform: Stripe;
  target: SellerAccount;
}

/** The schedule as it is at Stripe. */
export function readSchedule(where: Where): Promise<Read<Schedule>> {
  return inTheRightPlace(where, ({ read }) => read());
}

/**
 * Changes the schedule and returns it as it is then. Problem `managed_by_seller` (409) for sellers with
 * Stripe's full Dashboard: only they can, unless the platform has Platform controls, which this doesn't use.
 */
export function changeSchedule(where: Where, change: ScheduleChange): Promise<Read<Schedule>> {
  if (dashboardOf(where.target.seller) === 'full') return Promise.resolve({ problem: MANAGED_BY_SELLER });
  return inTheRightPlace(where, (place) => place.change(change));
}

// Accounts of /v2 have Balance Settings; older ones their own settings, and some of these the former too.
async function inTheRightPlace(
  { platform, target }: Where,
  use: (place: Place) => Promise<Schedule>,
): Promise<Read<Schedule>> {
  const settings = balanceSettings(target.stripe);
  const account = accountSettings(platform, target.account);
  const [first, second] = target.seller.api === 'v2' ? [settings, account] : [account, settings];
  const answer = await tried(use(first));
  const isElsewhere = 'refused' in answer && ELSEWHERE.has(answer.refused.status ?? 0);
  const last = isElsewhere ? await tried(use(second)) : answer;
  if ('refused' in last) return { problem: refusalProblem(last.refused) };
  return last;
}

// Not for this account, or not for this platform.
const ELSEWHERE = new Set([403, 404]);

type Tried = Read<Schedule> | { refused: ReturnType<typeof stripeRefusal> };

async function tried(call: Promise<Schedule>): Promise<Tried> {
  try {
    return { value: await call };
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure === null) throw error;
    return failure === 'rejected' ? { refused: stripeRefusal(error) } : { problem: STRIPE_AWAY };
  }
}

/** docs.stripe.com/api/balance-settings */
function balanceSettings(stripe: Stripe): Place {
  const shown = ({ payments }: Stripe.BalanceSettings): Schedule => ({
    interval: payments.payouts?.schedule?.interval ?? 'manual',
    weekly_payout_days: payments.payouts?.schedule?.weekly_payout_days ?? [],
    monthly_payout_days: payments.payouts?.schedule?.monthly_payout_days ?? [],
    delay_days: payments.settlement_timing.delay_days,
    source: 'balance_settings',
  });
  return {
    read: async () => shown(await stripe.balanceSettings.retrieve()),
    change: async ({ delay_days: days, ...schedule }) => {
      const timing = days === undefined ? {} : { delay_days_override: days === 'minimum' ? '' : days };
      const payments = { payouts: { schedule }, ...(days !== undefined && { settlement_timing: timing }) };
      return shown(await stripe.balanceSettings.update({ payments } as Stripe.BalanceSettingsUpdateParams));
    },
  };
}

/** docs.stripe.com/api/accounts/update#update_account-settings-payouts */
function accountSettings(platform: Stripe, id: string): Place {
  const shown = ({ settings }: Stripe.Account): Schedule => {
    const schedule = settings?.payouts?.schedule;
    return {
      interval: schedule?.interval ?? 'manual',
      weekly_payout_days: schedule?.weekly_payout_days ?? [],
      monthly_payout_days: schedule?.monthly_payout_days ?? [],
      delay_days: schedule?.delay_days ?? 0,
      source: 'account',
    };
  };
  return {
    read: async () => shown(await platform.accounts.retrieve(id)),
    change: async (schedule) =>
      shown(await platform.accounts.update(id, { settings: { payouts: { schedule } } })),
  };
}

export const MANAGED_BY_SELLER: Problem = {
  status: 409,
  code: 'managed_by_seller',
  detail:
    'This seller has Stripe’s full Dashboard, so only the seller decides about payouts, at ' +
    'https://dashboard.stripe.com/settings/payouts.',
};
