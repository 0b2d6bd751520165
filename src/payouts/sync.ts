import type Stripe from 'stripe';
import type { Sql } from '../db/sql.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { adviceFor, PAYOUT_STATUSES, type PayoutRow, type PayoutStatus } from './payout.ts';
import { storePayout } from './rows.ts';

const RECENT_DAYS = 14;
const DAY_SECONDS = 24 * 3600;
const PAGE = 100;

/** Where and how what Stripe tells of payouts is kept. */
export interface PayoutSync {
  sql: Sql;
  alarm: RaiseAlarm;
  /** The connected account, or `''` for our own. */
  account: string;
}

/** Keeps a payout as Stripe tells it now. One that has just failed raises the alarm `payout_failed`. */
export async function syncPayout(
  { sql, alarm, account }: PayoutSync,
  told: Stripe.Payout,
): Promise<PayoutRow> {
  const { row, hasFailed } = await storePayout(sql, {
    id: told.id,
    account,
    livemode: told.livemode,
    amount: told.amount,
    currency: told.currency,
    status: statusOf(told),
    method: told.method,
    automatic: told.automatic,
    arrival_date: told.arrival_date ? isoTime(told.arrival_date) : null,
    failure_code: told.failure_code,
    failure_message: told.failure_message,
    created_at: isoTime(told.created),
  });
  if (hasFailed) {
    const code = row.failure_code ?? 'unknown';
    const whose = row.seller ? `seller ${row.seller}` : account === '' ? 'the platform' : account;
    const detail = `The payout to ${whose} failed (${code}): ${row.failure_message ?? ''} ${adviceFor(code)}`;
    alarm('payout_failed', row.id, detail);
  }
  return row;
}

/** Keeps an account's payouts of the last two weeks: longer than a bank may take to send one back. */
export async function syncRecent(stripe: Stripe, sync: PayoutSync, nowMs: number): Promise<void> {
  const since = Math.floor(nowMs / 1000) - RECENT_DAYS * DAY_SECONDS;
  for await (const payout of stripe.payouts.list({ created: { gte: since }, limit: PAGE })) {
    await syncPayout(sync, payout);
  }
}

// A word that Stripe may add some day is of a payout that is not finished.
function statusOf({ status }: Stripe.Payout): PayoutStatus {
  return PAYOUT_STATUSES.find((known) => known === status) ?? 'pending';
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
