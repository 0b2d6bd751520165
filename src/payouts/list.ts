import type { Database } from '../db/database.ts';
import type { Read } from '../http/request.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { SellerAccount } from './account.ts';
import type { PayoutRow, PayoutStatus } from './payout.ts';
import { askStripe, STRIPE_AWAY } from './refusals.ts';
import { keptPayouts } from './rows.ts';
import { syncPayout } from './sync.ts';

export interface PayoutQuery {
  status: PayoutStatus | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

export interface PayoutPage {
  rows: PayoutRow[];
  next: string | null;
  /** Stripe did not answer: these are the payouts as they were when it last told of them. */
  stale: boolean;
}

/** A page of a seller's payouts, newest first: Stripe's, which are kept, or the kept ones. */
export async function listPayouts(
  { seller, account, stripe }: SellerAccount,
  { status, after, limit }: PayoutQuery,
  { database, alarm }: { database: Database; alarm: RaiseAlarm },
): Promise<Read<PayoutPage>> {
  const { sql } = database;
  const told = await askStripe(() =>
    stripe.payouts.list({
      limit,
      ...(after === null ? {} : { starting_after: after }),
      ...(status === null ? {} : { status }),
    }),
  );
  if ('problem' in told) {
    if (told.problem.code !== STRIPE_AWAY.code) return told;
    const { livemode } = seller;
    const kept = await keptPayouts(sql, { account, livemode, status, after, limit: limit + 1 });
    const rows = kept.slice(0, limit);
    return { value: { rows, next: kept.length > limit ? lastOf(rows) : null, stale: true } };
  }
  const { data, has_more: more } = told.value;
  const rows: PayoutRow[] = [];
  for (const payout of data) rows.push(await syncPayout({ sql, alarm, account }, payout));
  return { value: { rows, next: more ? lastOf(rows) : null, stale: false } };
}

function lastOf(rows: readonly PayoutRow[]): string | null {
  return rows.at(-1)?.id ?? null;
}
