import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { askStripe, STRIPE_AWAY } from './refusals.ts';
import { notePayoutsRead, sellersToRead } from './rows.ts';
import { syncRecent } from './sync.ts';

// Every hour, so at most 12,000 reads a day, of the hundred a second that Stripe allows.
const SELLERS_PER_RUN = 500;
const HOURS_UNREAD = 12;

export interface SweepParts {
  database: Database;
  clients: StripeClients;
  clock: Clock;
  alarm: RaiseAlarm;
}

/**
 * Reads the payouts of sellers of whom nothing may have told us: the events of connected accounts are not in
 * the list that the reconciler reads. Returns how many sellers it has asked about.
 */
export async function sweepPayouts({ database, clients, clock, alarm }: SweepParts): Promise<number> {
  const { livemode } = clients;
  if (livemode === null) return 0;
  const { sql } = database;
  const sellers = await sellersToRead(sql, { livemode, hours: HOURS_UNREAD, limit: SELLERS_PER_RUN });
  for (const { id, account } of sellers) {
    const read = await askStripe(() =>
      syncRecent(clients.for(account), { sql, alarm, account }, clock.now()),
    );
    if ('problem' in read && read.problem.code === STRIPE_AWAY.code) break;
    await notePayoutsRead(sql, id);
  }
  return sellers.length;
}
