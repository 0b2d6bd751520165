import type { Handler, HandlerContext, Handlers } from '../inbox/handlers.ts';
import { ignored, type Outcome } from '../inbox/outcome.ts';
import type { OrderRow } from './order.ts';
import { orderByIntent, orderBySession, type Side } from './rows.ts';
import { ORDER_FIELD, type Reference, type Settler } from './settle.ts';
import { sharesOf } from './share-rows.ts';

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

// Stripe books a charge, and makes the transfer of a destination charge, some time after it is paid.
const BOOKED = 'charge.updated';

/** Snapshot events and their thin twins (`v1.…`, which carry only an id) lead to the same order. */
export function addOrderHandlers(handlers: Handlers, settler: Settler): void {
  for (const [type, referenceOf] of Object.entries(SETTLING)) {
    const handler = settling(settler, referenceOf, somebodyElses);
    handlers.on(type, handler, { lane: 'stripe' });
    // A thin charge or dispute does not name its intent.
    if (referenceOf !== ofIntent) handlers.on(`v1.${type}`, handler, { lane: 'stripe' });
  }
  handlers.on(BOOKED, settling(settler, ofIntent, noNews), { lane: 'stripe' });
}

/** Why nothing has to be read from Stripe, or null. */
type Idle = (reference: Reference, context: HandlerContext) => Promise<string | null>;

function settling(settler: Settler, referenceOf: ReferenceOf, whyIdle: Idle): Handler {
  return async (context): Promise<Outcome> => {
    const { object, sql, nested, enqueue } = context;
    const reference = referenceOf(object);
    if (!reference) return ignored('it names no payment of Checkout');
    const idle = await whyIdle(reference, context);
    if (idle !== null) return ignored(idle);
    const { stripe } = context;
    const { outcome } = await settler.settle(reference, {
      side: sideOf(context),
      sql,
      nested,
      enqueue,
      stripe,
    });
    return outcome;
  };
}

/**
 * A payment that a connected account took for itself: nothing about it is read from Stripe, so that a seller
 * with a busy shop elsewhere does not use up our reads.
 */
async function somebodyElses(reference: Reference, context: HandlerContext): Promise<string | null> {
  const { metadata } = context.object;
  if (context.account === null || typeof metadata !== 'object' || metadata === null) return null;
  if (Object.hasOwn(metadata, ORDER_FIELD) || (await knownOrder(reference, context))) return null;
  return 'no order of ours';
}

/** A charge was booked: news only where a transfer comes of it. */
async function noNews(reference: Reference, context: HandlerContext): Promise<string | null> {
  const order = await knownOrder(reference, context);
  const shares = order?.charge_type === 'destination' ? await sharesOf(context.sql, order.id) : [];
  return shares.some(({ transfer }) => transfer === null) ? null : 'no transfer of ours is waited for';
}

async function knownOrder(reference: Reference, context: HandlerContext): Promise<OrderRow | null> {
  const { sql } = context;
  if ('session' in reference) return orderBySession(sql, sideOf(context), reference.session);
  return 'intent' in reference ? orderByIntent(sql, sideOf(context), reference.intent) : null;
}

function sideOf({ account, livemode }: HandlerContext): Side {
  return { account: account ?? '', livemode };
}
