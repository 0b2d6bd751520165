import { reconcile, type ReconcileReport } from './events/reconcile.ts';
import type { Foundation } from './foundation.ts';
import type { OrderRow } from './orders/order.ts';
import type { Reference } from './orders/settle.ts';
import { sweepOrders } from './orders/sweep.ts';

/** Reads Stripe's list of events and stores what is missing. Without a key: `stripe_not_configured`. */
export function reconcileNow(
  base: Foundation,
  { source, signal }: { source: 'reconcile' | 'cli'; signal: AbortSignal },
): Promise<ReconcileReport> {
  const { databases, clients, handlers } = base;
  return reconcile({
    ...base,
    database: databases.requests,
    stripe: clients.own(),
    livemode: clients.livemode ?? false,
    slowTypes: handlers.slowTypes(),
    signal,
    source,
  });
}

/** Reads the state of open orders from Stripe. Returns the orders that changed. */
export function sweepOrdersNow(
  { databases, logger, side }: Foundation,
  settle: (reference: Reference) => Promise<OrderRow | null>,
): Promise<OrderRow[]> {
  return sweepOrders({
    database: databases.requests,
    logger,
    livemode: side.livemode,
    settleOrder: (order) => settle({ order }),
  });
}
