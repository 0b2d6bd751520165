import type { Handler, Handlers } from '../inbox/handlers.ts';
import type { RefundSync } from './sync.ts';

/** What brings a refund to what Stripe says of it. */
const REFUND_EVENTS = [
  // A refund was made, here or in the Dashboard.
  'refund.created',
  // It got on: money that took its time has gone, or the buyer has to do something.
  'refund.updated',
  // The buyer's bank sent it back: the money is ours again.
  'refund.failed',
  // The older name of an update, which some payment methods still use.
  'charge.refund.updated',
];

/** Snapshot events and their thin twins (`v1.…`, which carry only an id). */
export function addRefundHandlers(handlers: Handlers, sync: RefundSync): void {
  const handler: Handler = ({ object, account, livemode, sql, nested, enqueue, stripe }) => {
    const context = { side: { account: account ?? '', livemode }, sql, nested, enqueue, stripe };
    return sync.sync(String(object.id), context, object.object === 'refund' ? object : null);
  };
  for (const type of REFUND_EVENTS.flatMap((name) => [name, `v1.${name}`])) {
    handlers.on(type, handler, { lane: 'stripe' });
  }
}
