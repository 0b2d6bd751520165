import type Stripe from 'stripe';
import { QuittanceError } from '../errors.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Problem } from '../http/problem.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { CheckoutUi, OrderRow } from '../orders/order.ts';
import * as rows from '../orders/rows.ts';
import { ORDER_FIELD } from '../orders/settle.ts';
import { describeStripeError, stripeFailure } from '../stripe/failures.ts';
import { checkoutParams } from './params.ts';
import { requestHash, type PaymentRequest, type Reading } from './request.ts';

// Stripe keeps an idempotency key for at least 24 hours; near that age we look before we ask again.
const KEY_MS_MAX = 23 * 60 * 60 * 1000;
const LOOK_UP_SECONDS_EARLY = 60;
const LOOK_UP_SESSIONS_MAX = 1_000;
const RETRY_AFTER_SECONDS = 5;

export interface CheckoutOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  reach: ReachFailpoint;
  publicUrl: string;
  /** Throws `stripe_not_configured` without a key. */
  stripe: () => Stripe;
  side: rows.Side;
}

/** An order and how the buyer pays it. */
export interface StartedCheckout {
  order: OrderRow;
  url: string | null;
  /** For our own page only; never stored, logged or put into a URL. */
  clientSecret: string | null;
}

/** Begins payments: the order row first, then Stripe, under an idempotency key that comes from the order. */
export class Checkout {
  readonly #options: CheckoutOptions;

  constructor(options: CheckoutOptions) {
    this.#options = options;
  }

  /**
   * Problems: `stripe_not_configured` (503) without a key, `idempotency_key_reused` (409) when the key was
   * used for something else, `stripe_unavailable` (502; the order stays and the same key tries again),
   * `stripe_rejected` (502), `order_closed` (409).
   */
  async start(request: PaymentRequest, ui: CheckoutUi): Promise<Reading<StartedCheckout>> {
    const stripe = this.#stripe();
    if (stripe === null) return { problem: NOT_CONFIGURED };
    const order = await this.#orderFor(request, ui);
    if ('problem' in order) return order;
    this.#options.reach('checkout.after_order');
    try {
      return await this.#sessionFor(order.value, stripe);
    } catch (error) {
      return { problem: await this.#explain(order.value, error) };
    }
  }

  #stripe(): Stripe | null {
    try {
      return this.#options.stripe();
    } catch (error) {
      if (error instanceof QuittanceError && error.code === 'stripe_not_configured') return null;
      throw error;
    }
  }

  async #orderFor(request: PaymentRequest, ui: CheckoutUi): Promise<Reading<OrderRow>> {
    const { database, side, publicUrl } = this.#options;
    const id = newId('ord');
    const hash = requestHash(request, ui);
    const { product, quantity, email, requestKey } = request;
    const fresh = await rows.insertOrder(database.sql, {
      ...side,
      id,
      product: product.id,
      productName: product.name,
      quantity,
      unitAmount: product.price,
      currency: product.currency,
      email,
      ui,
      requestKey,
      requestHash: hash,
      checkoutParams: checkoutParams(id, request, ui, publicUrl) as unknown as Record<string, unknown>,
    });
    if (fresh) return { value: fresh };
    const known = await rows.orderByRequestKey(database.sql, side, requestKey as string);
    if (!known || known.request_hash !== hash) return { problem: KEY_REUSED };
    return { value: known };
  }

  async #sessionFor(order: OrderRow, stripe: Stripe): Promise<Reading<StartedCheckout>> {
    if (order.checkout_session && order.checkout_url) {
      return { value: { order, url: order.checkout_url, clientSecret: null } };
    }
    const found = order.checkout_session
      ? await stripe.checkout.sessions.retrieve(order.checkout_session)
      : await this.#lookUp(order, stripe);
    if (found === 'unsure') return { problem: UNSURE };
    const session = found ?? (await this.#create(order, stripe));
    this.#options.reach('checkout.after_stripe');
    if (session.status !== 'open') return { problem: CLOSED };
    const { sql } = this.#options.database;
    const saved = (await rows.saveSession(sql, order.id, { id: session.id, url: session.url })) ?? order;
    return { value: { order: saved, url: session.url, clientSecret: session.client_secret } };
  }

  async #create(order: OrderRow, stripe: Stripe): Promise<Stripe.Checkout.Session> {
    const { database, clock } = this.#options;
    const attempt = await rows.noteCheckoutTry(database.sql, order.id, new Date(clock.now()));
    // Another request of the same buyer has begun a new key since we looked for its session.
    if (attempt !== order.checkout_attempt) throw new KeyMovedOn();
    return stripe.checkout.sessions.create(order.checkout_params, {
      idempotencyKey: `quittance_checkout_${order.id}_${attempt}`,
    });
  }

  /**
   * A session of an earlier try, when its key may be forgotten or stands for an old error: a second session
   * would let the buyer pay twice.
   */
  async #lookUp(order: OrderRow, stripe: Stripe): Promise<Stripe.Checkout.Session | 'unsure' | null> {
    if (!order.checkout_tried_at) return null;
    const age = this.#options.clock.now() - Date.parse(order.checkout_tried_at);
    if (age < KEY_MS_MAX && order.checkout_attempt === 1) return null;
    const since = Math.floor(Date.parse(order.created_at) / 1000) - LOOK_UP_SECONDS_EARLY;
    let seen = 0;
    for await (const session of stripe.checkout.sessions.list({ created: { gte: since }, limit: 100 })) {
      if (session.metadata?.[ORDER_FIELD] === order.id) return session;
      if ((seen += 1) >= LOOK_UP_SESSIONS_MAX) return 'unsure';
    }
    return null;
  }

  async #explain(order: OrderRow, error: unknown): Promise<Problem> {
    if (error instanceof KeyMovedOn) return UNAVAILABLE;
    const failure = stripeFailure(error);
    if (failure === null) throw error;
    this.#options.logger.warn(
      { order: order.id, stripe: describeStripeError(error) },
      'Stripe could not start a payment',
    );
    if (failure === 'rejected') return REJECTED;
    // Stripe answers a 5xx again to the same key, so the next try takes a new one, after looking.
    if (failure === 'server_error') {
      const { database, clock } = this.#options;
      await rows.beginNextKey(database.sql, order.id, order.checkout_attempt, new Date(clock.now()));
    }
    return UNAVAILABLE;
  }
}

/** The order has another idempotency key than it had when it was read. */
class KeyMovedOn extends Error {}

const KEY_REUSED: Problem = {
  status: 409,
  code: 'idempotency_key_reused',
  detail: 'This Idempotency-Key was used for another request. Take a new one for a new order.',
};

const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'This shop takes no payments yet: its operator has to set STRIPE_SECRET_KEY.',
};

const CLOSED: Problem = {
  status: 409,
  code: 'order_closed',
  detail: 'This order is already paid or has expired. Take a new Idempotency-Key for a new order.',
};

const UNSURE: Problem = {
  status: 409,
  code: 'order_closed',
  detail:
    'So much has been sold since that it can not be told whether this order has a payment page already. ' +
    'Take a new Idempotency-Key for a new order.',
};

const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer. Nothing was charged; try again with the same Idempotency-Key.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};

const REJECTED: Problem = {
  status: 502,
  code: 'stripe_rejected',
  detail: 'Stripe refused to start this payment. Nothing was charged; the log of the server says why.',
};
