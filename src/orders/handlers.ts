import type { Handler, Handlers } from '../inbox/handlers.ts';
import { ignored, type Outcome } from '../inbox/outcome.ts';
import type { Reference, Settler } from './settle.ts';

type ReferenceOf = (object: Record<string, unknown>) => Reference | null;

const session: ReferenceOf = ({ id }) => (typeof id === 'string' ? { session: id } : null);
const intent: ReferenceOf = ({ id }) => (typeof id === 'string' ? { intent: id } : null);
// Stripe sends the id, or the whole intent to an endpoint that asked for it to be expanded.
const ofIntent: ReferenceOf = ({ payment_intent: found }) =>
  intent(typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : { id: found });

/** Which events move orders. Each settles: what the event says is a hint, what Stripe says now counts. */
const SETTLING: Record<string, ReferenceOf> = {
  // The buyer finished Checkout; with delayed methods the money is still to come.
  'checkout.session.completed': session,
  // The delayed money came.
  'checkout.session.async_payment_succeeded': session,
  // The delayed money did not come.
  'checkout.session.async_payment_failed': session,
  // The buyer did not pay in time.
  'checkout.session.expired': session,
  // Money arrived.
  'payment_intent.succeeded': intent,
  // A card was declined; the buyer may try another.
  'payment_intent.payment_failed': intent,
  // A payment was given back, here or in the Dashboard.
  'charge.refunded': ofIntent,
  // The buyer's bank took a payment back for now.
  'charge.dispute.created': ofIntent,
};

/** Snapshot events and their thin twins (`v1.…`, which carry only an id) lead to the same order. */
export function addOrderHandlers(handlers: Handlers, settler: Settler): void {
  for (const [type, referenceOf] of Object.entries(SETTLING)) {
    const handler: Handler = async (context): Promise<Outcome> => {
      const { object, account, livemode, sql, nested, enqueue, stripe } = context;
      const reference = referenceOf(object);
      if (!reference) return ignored('it names no payment of Checkout');
      const side = { account: account ?? '', livemode };
      const { outcome } = await settler.settle(reference, { side, sql, nested, enqueue, stripe });
      return outcome;
    };
    handlers.on(type, handler, { lane: 'stripe' });
    // A thin charge or dispute does not name its intent.
    if (referenceOf !== ofIntent) handlers.on(`v1.${type}`, handler, { lane: 'stripe' });
  }
}
