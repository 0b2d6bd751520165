import type Stripe from 'stripe';
import type { Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import { done, ignored, retryLater, type Outcome } from '../inbox/outcome.ts';
import type { Fulfil } from './fulfil.ts';
import type { OrderRow } from './order.ts';
import * as rows from './rows.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { intentOf, judge } from './verdict.ts';

/** The metadata field that names our order on Stripe's objects. */
export const ORDER_FIELD = 'quittance_order';

/** What an event, a page or the reconciler knows of a payment. */
export type Reference = { session: string } | { intent: string } | { order: string };

/** One transaction, and the Stripe of the same account and mode. */
export interface SettleContext {
  side: rows.Side;
  sql: Sql;
  nested: Nested;
  enqueue: Enqueue;
  stripe: Stripe;
}

export interface Settlement {
  order: OrderRow | null;
  outcome: Outcome;
}

export interface SettleOptions {
  fulfil: Fulfil;
  reach: ReachFailpoint;
  /** Tells a person that an order needs one. */
  alarm: (code: string, subject: string, detail: string) => void;
}

/**
 * Brings one order to what Stripe says of its payment, and fulfils it once. The only way an order changes:
 * the webhook, the success page and the reconciler all call it, as often and as much at once as they like.
 */
export class Settler {
  readonly #options: SettleOptions;

  constructor(options: SettleOptions) {
    this.#options = options;
  }

  async settle(reference: Reference, context: SettleContext): Promise<Settlement> {
    const found = await this.#find(reference, context);
    if ('outcome' in found) return found;
    // Under the order's lock from here on, reading Stripe included: what is read can't be overtaken.
    const order = await rows.lockOrder(context.sql, found.order);
    if (!order) return { order: null, outcome: retryLater(`order ${found.order} is not here yet`) };
    const sessionId = order.checkout_session ?? found.session;
    if (!sessionId) return { order, outcome: ignored('the order has no Checkout Session yet') };
    const session = await context.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ['payment_intent.latest_charge'],
    });
    if (session.metadata?.[ORDER_FIELD] !== order.id) {
      return { order, outcome: ignored('the Checkout Session belongs to another order') };
    }
    if (!order.checkout_session) await rows.saveSession(context.sql, order.id, session);
    return this.#fulfilOnce(await this.#apply(order, session, context), context);
  }

  async #apply(order: OrderRow, session: Stripe.Checkout.Session, context: SettleContext): Promise<OrderRow> {
    const verdict = judge(order, session);
    if (!verdict) {
      await rows.noteChecked(context.sql, order.id);
      return order;
    }
    if (verdict.alarming) this.#options.alarm('order_in_review', order.id, verdict.problem ?? '');
    const intent = intentOf(session)?.id ?? (session.payment_intent as string | null);
    const changed = await rows.changeOrder(context.sql, order.id, { ...verdict, paymentIntent: intent });
    if (verdict.status === 'paid') this.#options.reach('settle.after_paid');
    return changed;
  }

  // A failing `fulfil` keeps the payment: its own writes are undone, the order stays paid, the event waits.
  async #fulfilOnce(order: OrderRow, context: SettleContext): Promise<Settlement> {
    if (order.status !== 'paid' || order.fulfilled_at !== null) return { order, outcome: done };
    try {
      const fulfilled = await context.nested(async () => {
        await this.#options.fulfil(order, { sql: context.sql, enqueue: context.enqueue });
        return rows.markFulfilled(context.sql, order.id);
      });
      this.#options.reach('settle.after_fulfil');
      return { order: fulfilled, outcome: done };
    } catch (error) {
      const problem = `fulfil failed: ${describeError(error)}`;
      const kept = await rows.changeOrder(context.sql, order.id, {
        status: 'paid',
        problem,
        paid: true,
        paymentIntent: null,
      });
      return { order: kept, outcome: retryLater(problem) };
    }
  }

  /** The id of the order a reference means; or why there is none. */
  async #find(
    reference: Reference,
    context: SettleContext,
  ): Promise<{ order: string; session: string | null } | Settlement> {
    if ('order' in reference) return { order: reference.order, session: null };
    const { sql, side, stripe } = context;
    if ('session' in reference) {
      const known = await rows.orderBySession(sql, side, reference.session);
      if (known) return { order: known.id, session: reference.session };
      const session = await unlessMissing(stripe.checkout.sessions.retrieve(reference.session));
      return named(session?.metadata ?? null, reference.session);
    }
    const known = await rows.orderByIntent(sql, side, reference.intent);
    if (known) return { order: known.id, session: null };
    const intent = await unlessMissing(stripe.paymentIntents.retrieve(reference.intent));
    return named(intent?.metadata ?? null, null);
  }
}

function named(
  metadata: Record<string, string> | null,
  session: string | null,
): { order: string; session: string | null } | Settlement {
  const order = metadata?.[ORDER_FIELD];
  return order ? { order, session } : { order: null, outcome: ignored('no order of ours') };
}
