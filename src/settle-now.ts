import type { Database } from './db/database.ts';
import type { Sql } from './db/sql.ts';
import { enqueueOn } from './jobs/enqueue.ts';
import type { OrderRow } from './orders/order.ts';
import { orderById, orderOfSession, type Side } from './orders/rows.ts';
import type { Reference, Settler } from './orders/settle.ts';
import type { StripeClients } from './stripe/clients.ts';
import { UnderWay } from './under-way.ts';

/**
 * Settles outside the drain (success page, sweep), in a transaction of its own. Whoever asks for the same
 * while it is under way is answered with it: fifty reloads of a page hold one connection and not all of them.
 */
export function settleNow(
  { database, settler, clients }: { database: Database; settler: Settler; clients: StripeClients },
  side: Side,
): (reference: Reference) => Promise<OrderRow | null> {
  const underWay = new UnderWay<OrderRow | null>();
  const settle = (reference: Reference): Promise<OrderRow | null> =>
    database.transaction(async (sql, nested) => {
      const place = await placeOf(sql, side, reference);
      const stripe = clients.open()(place);
      const context = { side: place, sql, nested, enqueue: enqueueOn(sql), stripe };
      return (await settler.settle(reference, context)).order;
    });
  return (reference) => underWay.join(JSON.stringify(reference), () => settle(reference));
}

/** Where the payment is: an order of a direct charge is the seller's. Only ever in the mode of our key. */
async function placeOf(sql: Sql, side: Side, reference: Reference): Promise<Side> {
  if ('intent' in reference) return side;
  const order =
    'order' in reference
      ? await orderById(sql, reference.order)
      : await orderOfSession(sql, side.livemode, reference.session);
  return { account: order?.account ?? side.account, livemode: side.livemode };
}
