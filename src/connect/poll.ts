import type { Database } from '../db/database.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Reading } from './request.ts';
import { sellersWithoutAccount } from './make-rows.ts';
import { noteSellerChecked, sellersToCheck } from './rows.ts';
import type { SellerRow } from './seller.ts';

export const POLL_JOB = 'quittance.poll_sellers';

// Every five minutes, so at most 28,800 reads a day, of the hundred a second that Stripe allows.
const SELLERS_PER_RUN = 100;
const UNFINISHED_PER_RUN = 20;

export interface PollOptions {
  database: Database;
  logger: Logger;
  livemode: boolean;
  /** Reads a seller's account from Stripe and stores what it says. */
  refresh: (id: string) => Promise<SellerRow | null>;
  /** Gives a seller the account it lacks. */
  complete: (seller: SellerRow) => Promise<Reading<SellerRow>>;
}

/**
 * Reads sellers from Stripe whom no event told us of for a while, those that were not asked about for the
 * longest time first, and finishes those whose account was being made when a process died. Returns how many
 * have another status now.
 */
export async function pollSellers(options: PollOptions): Promise<number> {
  const { database, logger, livemode, refresh, complete } = options;
  for (const seller of await sellersWithoutAccount(database.sql, livemode, UNFINISHED_PER_RUN)) {
    await complete(seller).catch((error: unknown) => {
      logger.warn({ seller: seller.id, error: describeError(error) }, 'a seller still has no account');
    });
  }
  let moved = 0;
  for (const seller of await sellersToCheck(database.sql, livemode, SELLERS_PER_RUN)) {
    try {
      const now = await refresh(seller.id);
      if (!now || now.status === seller.status) continue;
      logger.warn({ seller: seller.id, from: seller.status, to: now.status }, 'no event told of a seller');
      moved += 1;
    } catch (error) {
      // One that Stripe can't tell us about must not keep the others from being asked about.
      await noteSellerChecked(database.sql, seller.id);
      logger.warn({ seller: seller.id, error: describeError(error) }, 'a seller could not be read');
    }
  }
  return moved;
}
