import type { Database } from '../db/database.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { OrderRow } from './order.ts';
import { noteChecked, unsettledOrders } from './rows.ts';

const ORDERS_PER_RUN = 200;

export interface SweepOptions {
  database: Database;
  logger: Logger;
  /** The mode of our key: orders of the other one can't be asked about. */
  livemode: boolean;
  /** Asks Stripe and settles. */
  settleOrder: (order: string) => Promise<OrderRow | null>;
}

/**
 * Reads the state of open orders from Stripe: some changes never become events, and an event may be lost for
 * good. Returns the orders it moved.
 */
export async function sweepOrders({
  database,
  logger,
  livemode,
  settleOrder,
}: SweepOptions): Promise<OrderRow[]> {
  const moved: OrderRow[] = [];
  for (const order of await unsettledOrders(database.sql, livemode, ORDERS_PER_RUN)) {
    try {
      const now = await settleOrder(order.id);
      if (now && now.status !== order.status) {
        logger.warn({ order: order.id, from: order.status, to: now.status }, 'the sweep repaired an order');
        moved.push(now);
      }
    } catch (error) {
      // One order that Stripe can't tell us about must not keep the others from being asked about.
      await noteChecked(database.sql, order.id);
      logger.warn({ order: order.id, error: describeError(error) }, 'the sweep could not settle an order');
    }
  }
  return moved;
}
