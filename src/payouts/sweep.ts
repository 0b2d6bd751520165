import type { Database } from '../db/database.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { askStripe, STRIPE_AWAY } from './refusals.ts';
import { notePayoutChecked, unsurePayouts } from './rows.ts';
import { syncPayout } from './sync.ts';

const SWEEP_PAYOUTS_MAX = 50;

export interface SweepParts {
  database: Database;
  clients: StripeClients;
  alarm: RaiseAlarm;
}

/**
 * Reads payouts that may have changed without our hearing of it: the events of connected accounts are not in
 * the list that the reconciler reads. Returns how many it has read.
 */
export async function sweepPayouts({ database, clients, alarm }: SweepParts): Promise<number> {
  if (clients.livemode === null) return 0;
  const { sql } = database;
  const unsure = await unsurePayouts(sql, clients.livemode, SWEEP_PAYOUTS_MAX);
  for (const row of unsure) {
    const { account } = row;
    const stripe = account === '' ? clients.own() : clients.for(account);
    const told = await askStripe(() => stripe.payouts.retrieve(row.id));
    if ('value' in told) await syncPayout({ sql, alarm, account }, told.value);
    else if (told.problem.code === STRIPE_AWAY.code) break;
    else await notePayoutChecked(sql, row);
  }
  return unsure.length;
}
