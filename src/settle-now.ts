import type { Database } from './db/database.ts';
import { enqueueOn } from './jobs/enqueue.ts';
import type { OrderRow } from './orders/order.ts';
import type { Side } from './orders/rows.ts';
import type { Reference, Settler } from './orders/settle.ts';
import type { StripeClients } from './stripe/clients.ts';

/** Settles outside the drain (success page, sweep), in a transaction of its own. */
export function settleNow(
  { database, settler, clients }: { database: Database; settler: Settler; clients: StripeClients },
  side: Side,
): (reference: Reference) => Promise<OrderRow | null> {
  return (reference) =>
    database.transaction(async (sql, nested) => {
      const stripe = clients.open()(side);
      const context = { side, sql, nested, enqueue: enqueueOn(sql), stripe };
      return (await settler.settle(reference, context)).order;
    });
}
