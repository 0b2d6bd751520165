import type Stripe from 'stripe';
import type { Database } from '../db/database.ts';
import type { Logger } from '../log.ts';
import type { OrderRow } from '../orders/order.ts';
import type { Reference } from '../orders/settle.ts';
import { describeStripeError, stripeFailure } from '../stripe/failures.ts';
import { openOrdersOf, sellerById } from './rows.ts';

export interface CloseLinksOptions {
  database: Database;
  logger: Logger;
  /** The client of our own account (`''`) or of a connected one. */
  stripe: (account: string) => Stripe;
  settle: (reference: Reference) => Promise<OrderRow | null>;
}

/**
 * Closes the payment links on which somebody could still pay for a seller who is no longer connected, and
 * settles their orders. A buyer who pays in the last moment has paid: then Stripe refuses to close the link,
 * and settling says so. Returns how many orders it looked at.
 */
export async function closeLinks(options: CloseLinksOptions, seller: string): Promise<number> {
  const { database, logger, stripe, settle } = options;
  const row = await sellerById(database.sql, seller);
  // It has come back since.
  if (!row || row.status !== 'disconnected') return 0;
  const orders = await openOrdersOf(database.sql, seller);
  for (const { id, account, checkout_session: session } of orders) {
    try {
      await stripe(account).checkout.sessions.expire(session);
    } catch (error) {
      // No longer open, or on an account that has locked us out: nobody can be charged through us there.
      if (stripeFailure(error) !== 'rejected') throw error;
      logger.info({ order: id, stripe: describeStripeError(error) }, 'a payment link could not be closed');
      if (account !== '') continue;
    }
    await settle({ order: id });
  }
  return orders.length;
}
