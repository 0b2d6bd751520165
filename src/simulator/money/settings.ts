import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';

const KIND = '_balance_settings';

/** docs.stripe.com/payouts: what a card payment in the United States takes to become available. */
export const DELAY_DAYS = 2;

/** How an account's money is paid out; see docs.stripe.com/api/balance-settings. */
export interface PayoutSettings {
  interval: 'daily' | 'weekly' | 'monthly' | 'manual';
  weekly_payout_days: readonly Weekday[];
  monthly_payout_days: readonly number[];
  delay_days: number;
  /** True when the account asked for other days than Stripe's. */
  overridden: boolean;
  debit_negative_balances: boolean;
  statement_descriptor: string | null;
  minimum_balance_by_currency: Readonly<Record<string, number>> | null;
  start_of_day: Stripe.BalanceSettings.Payments.SettlementTiming['start_of_day'];
  /** When the next automatic payout is planned, in Unix seconds. */
  next: number | null;
}

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const STANDARD: PayoutSettings = {
  interval: 'daily',
  weekly_payout_days: [],
  monthly_payout_days: [],
  delay_days: DELAY_DAYS,
  overridden: false,
  debit_negative_balances: true,
  statement_descriptor: null,
  minimum_balance_by_currency: null,
  start_of_day: null,
  next: null,
};

/**
 * How this account is paid out. Connected accounts are paid daily, as at Stripe; the platform by hand,
 * since a
 * test that moves the clock would otherwise find its balance gone.
 */
export function settingsOf(realm: Realm): PayoutSettings {
  const row = realm.row(KIND, KIND);
  if (row) return row.object as unknown as PayoutSettings;
  return realm.account === realm.engine.settings.account ? { ...STANDARD, interval: 'manual' } : STANDARD;
}

export function changeSettings(realm: Realm, changes: Partial<PayoutSettings>): PayoutSettings {
  const after = { ...settingsOf(realm), ...changes };
  realm.engine.store.put(realm, KIND, KIND, { ...after });
  return after;
}
