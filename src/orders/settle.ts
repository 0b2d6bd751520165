import type Stripe from 'stripe';
import type { Nested } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { describeError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import { leased, leasedSql, underLease } from '../inbox/lease.ts';
import { done, ignored, retryLater, type Outcome } from '../inbox/outcome.ts';
import type { Fulfil } from './fulfil.ts';
import type { OrderRow } from './order.ts';
import { factsOf, idOf, PAYMENT_FIELDS, type PaymentFacts } from './payment.ts';
import * as rows from './rows.ts';
import { noteTransferOfOne } from './share-rows.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { judge } from './verdict.ts';

// A statement has to end first: a connection that is busy can't go back to the savepoint.
const STATEMENT_SECONDS_MAX = 12;
const FULFIL_SECONDS_MAX = 15;

// A dispute or a review leaves open who is to have the money.
const SHARED_OUT = new Set(['paid', 'fulfilled', 'refunded']);

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
  /**
   * What else follows, in the same transaction and under the order's lock, when an order is paid, and again
   * whenever what was refunded of it changes: sellers get their parts.
   */
  onPaid?: (order: OrderRow, context: SettleContext) => Promise<void>;
  /** How long `fulfil` may take. Default 15 s, less than a handler may. */
  fulfilSecondsMax?: number;
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
    if (order.account !== context.side.account || order.livemode !== context.side.livemode) {
      return { order: null, outcome: ignored('the order belongs to another account or mode') };
    }
    const session = await readSession(order, found, context);
    if (!session) return { order, outcome: ignored('the order has no Checkout Session yet') };
    if (session.metadata?.[ORDER_FIELD] !== order.id) {
      return { order, outcome: ignored('the Checkout Session belongs to another order') };
    }
    const refusal = this.#refuseSecond(order, session);
    if (refusal) return { order, outcome: refusal };
    if (order.checkout_session !== session.id) await rows.takeSession(context.sql, order.id, session);
    return this.#fulfilOnce(await this.#apply(order, session, context), context);
  }

  /**
   * Runs `fulfil` once more for an order that is fulfilled, because a person wants it. Needs the order's
   * lock. Null when it went well, else why it failed: then what it wrote is undone.
   */
  async fulfilAgain(order: OrderRow, context: SettleContext): Promise<string | null> {
    try {
      await context.nested(() => this.#fulfil(order, context));
      return null;
    } catch (error) {
      return failureOf(error);
    }
  }

  /**
   * An order may have two sessions: the first was made, its answer was lost, and it was not found again. The
   * one that is paid counts; if both are, somebody has to give one payment back.
   */
  #refuseSecond(order: OrderRow, session: Stripe.Checkout.Session): Outcome | null {
    if (order.checkout_session === null || order.checkout_session === session.id) return null;
    if (session.payment_status === 'unpaid') return ignored('another Checkout Session stands for this order');
    if (order.paid_at === null) return null;
    const problem = `paid twice: by ${order.checkout_session} and by ${session.id}; refund one of them`;
    this.#options.alarm('order_paid_twice', order.id, problem);
    return ignored(problem);
  }

  async #apply(order: OrderRow, session: Stripe.Checkout.Session, context: SettleContext): Promise<OrderRow> {
    const verdict = judge(order, session);
    const facts = factsOf(session);
    if (facts.transfer) await noteTransferOfOne(context.sql, order.id, facts.transfer);
    if (!verdict && !isNews(order, facts)) {
      await rows.noteChecked(context.sql, order.id);
      return order;
    }
    if (verdict?.alarming) this.#options.alarm('order_in_review', order.id, verdict.problem ?? '');
    const { status, problem } = verdict ?? order;
    const paid = verdict?.paid ?? false;
    const { intent: paymentIntent, charge, refunded, email } = facts;
    const change = { status, problem, paid, paymentIntent, charge, refunded, email };
    const changed = await rows.changeOrder(context.sql, order.id, change);
    if (SHARED_OUT.has(changed.status)) await this.#options.onPaid?.(changed, context);
    if (verdict?.status === 'paid') this.#options.reach('settle.after_paid');
    return changed;
  }

  // A failing `fulfil` keeps the payment: its own writes are undone, the order stays paid, the event waits.
  async #fulfilOnce(order: OrderRow, context: SettleContext): Promise<Settlement> {
    if (order.status !== 'paid' || order.fulfilled_at !== null) return { order, outcome: done };
    try {
      const fulfilled = await context.nested(async () => {
        await this.#fulfil(order, context);
        return rows.markFulfilled(context.sql, order.id);
      });
      this.#options.reach('settle.after_fulfil');
      return { order: fulfilled, outcome: done };
    } catch (error) {
      const problem = failureOf(error);
      return { order: await rows.noteProblem(context.sql, order.id, problem), outcome: retryLater(problem) };
    }
  }

  // Less time than a handler has, so that one that hangs does not take the fact of the payment with it.
  async #fulfil(order: OrderRow, { sql, enqueue }: SettleContext): Promise<void> {
    const secondsMax = this.#options.fulfilSecondsMax ?? FULFIL_SECONDS_MAX;
    await rows.limitStatements(sql, STATEMENT_SECONDS_MAX);
    await underLease(
      (lease) => this.#options.fulfil(order, { sql: leasedSql(sql, lease), enqueue: leased(enqueue, lease) }),
      { what: 'fulfil', ms: secondsMax * 1000, secondsMax },
    );
  }

  /** The id of the order a reference means; or why there is none. */
  async #find(reference: Reference, context: SettleContext): Promise<Found | Settlement> {
    if ('order' in reference) return { order: reference.order, session: null, intent: null };
    const { sql, side, stripe } = context;
    if ('session' in reference) {
      const place = { session: reference.session, intent: null };
      const known = await rows.orderBySession(sql, side, reference.session);
      if (known) return { order: known.id, ...place };
      const session = await unlessMissing(stripe.checkout.sessions.retrieve(reference.session));
      return named(session?.metadata, place);
    }
    const known = await rows.orderByIntent(sql, side, reference.intent);
    if (known) return { order: known.id, session: known.checkout_session, intent: null };
    const intent = await unlessMissing(stripe.paymentIntents.retrieve(reference.intent));
    return named(intent?.metadata, { session: null, intent: reference.intent });
  }
}

function failureOf(error: unknown): string {
  return `fulfil failed: ${describeError(error)}`.replaceAll('\0', '�');
}

/** An order, and what is known of the payment that is meant. */
interface Found {
  order: string;
  session: string | null;
  intent: string | null;
}

function named(
  metadata: Record<string, string> | null | undefined,
  place: Omit<Found, 'order'>,
): Found | Settlement {
  const order = metadata?.[ORDER_FIELD];
  return order ? { order, ...place } : { order: null, outcome: ignored('no order of ours') };
}

/** The session that the reference means, as Stripe has it now; for an intent the one that made it. */
async function readSession(
  order: OrderRow,
  { session, intent }: Found,
  { stripe }: SettleContext,
): Promise<Stripe.Checkout.Session | null> {
  const { sessions } = stripe.checkout;
  const id = session ?? order.checkout_session;
  const own = id ? await sessions.retrieve(id, { expand: PAYMENT_FIELDS }) : null;
  if (intent === null || idOf(own?.payment_intent) === intent) return own;
  const { data } = await sessions.list({
    payment_intent: intent,
    limit: 1,
    expand: PAYMENT_FIELDS.map((field) => `data.${field}`),
  });
  return data[0] ?? own;
}

/** Money that came or went without a change of the order's standing, such as a partial refund. */
function isNews(order: OrderRow, { charge, refunded }: PaymentFacts): boolean {
  const back = Math.min(refunded, order.amount.value);
  return (charge !== null && charge !== order.charge) || back !== order.refunded;
}
