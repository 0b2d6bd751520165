import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { CheckoutUi, OrderRow } from '../orders/order.ts';
import * as rows from '../orders/rows.ts';
import { ORDER_FIELD } from '../orders/settle.ts';
import { describeStripeError, stripeFailure } from '../stripe/failures.ts';
import { insertShares } from '../orders/share-rows.ts';
import { cartOf } from './cart.ts';
import { checkoutParams } from './params.ts';
import { CLOSED, KEY_REUSED, NOT_CONFIGURED, NOT_READY, REJECTED, UNAVAILABLE, UNSURE } from './problems.ts';
import { requestHash, type PaymentRequest } from './request.ts';
import { isSellersFault, readySellers, refuseUnready } from './sellers.ts';

// Stripe keeps an idempotency key for at least 24 hours; near that age we look before we ask again.
const KEY_MS_MAX = 23 * 60 * 60 * 1000;
const LOOK_UP_SECONDS_EARLY = 60;
const LOOK_UP_SESSIONS_MAX = 1_000;

export interface CheckoutOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  reach: ReachFailpoint;
  publicUrl: string;
  /** Whether there is a Stripe key. */
  isConfigured: boolean;
  /** The client of a connected account, or of ours (`''`). Throws `stripe_not_configured` without a key. */
  stripe: (account: string) => Stripe;
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
   * Problems: `stripe_not_configured` (503) without a key, `invalid_request` (400) when the items can't be
   * paid together, `seller_not_ready` (409), `idempotency_key_reused` (409) when the key was used for
   * something else, `stripe_unavailable` (502; the order stays and the same key tries again),
   * `stripe_rejected` (502), `order_closed` (409).
   */
  async start(request: PaymentRequest, ui: CheckoutUi): Promise<Read<StartedCheckout>> {
    if (!this.#options.isConfigured) return { problem: NOT_CONFIGURED };
    const order = await this.#orderFor(request, ui);
    if ('problem' in order) return order;
    this.#options.reach('checkout.after_order');
    const unready = await refuseUnready(this.#options.database.sql, order.value);
    if (unready) return { problem: unready };
    try {
      return await this.#sessionFor(order.value, this.#options.stripe(order.value.account));
    } catch (error) {
      return { problem: await this.#explain(order.value, error) };
    }
  }

  // A key that is known is answered with its order, whatever has become of prices and sellers since.
  async #orderFor(request: PaymentRequest, ui: CheckoutUi): Promise<Read<OrderRow>> {
    const hash = requestHash(request, ui);
    const known = await this.#known(request.requestKey, hash);
    if (known) return known;
    const fresh = await this.#write(request, ui, hash);
    if ('problem' in fresh || fresh.value) return fresh as Read<OrderRow>;
    return (await this.#known(request.requestKey, hash)) ?? { problem: KEY_REUSED };
  }

  async #known(requestKey: string | null, hash: string): Promise<Read<OrderRow> | null> {
    if (requestKey === null) return null;
    const { database, side } = this.#options;
    const known = await rows.orderByRequestKey(database.sql, side.livemode, requestKey);
    if (!known) return null;
    return known.request_hash === hash ? { value: known } : { problem: KEY_REUSED };
  }

  /** Null when somebody else has written an order under the same key meanwhile. */
  async #write(request: PaymentRequest, ui: CheckoutUi, hash: string): Promise<Read<OrderRow | null>> {
    const { database, side, publicUrl } = this.#options;
    const priced = cartOf(request);
    if ('problem' in priced) return priced;
    const cart = priced.value;
    const { from } = request;
    const ready = await readySellers(database.sql, side.livemode, { from, cart });
    if ('problem' in ready) return ready;
    const shares = ready.value;
    const id = newId('ord');
    const alone = cart.chargeType === 'destination' || cart.chargeType === 'direct';
    const destination = alone ? (shares[0]?.account ?? null) : null;
    const fee = shares.reduce((sum, share) => sum + share.fee, 0);
    const params = checkoutParams({ orderId: id, request, cart, fee, destination }, ui, publicUrl);
    const order = {
      id,
      account: cart.chargeType === 'direct' ? (destination as string) : side.account,
      livemode: side.livemode,
      items: cart.items,
      amount: cart.amount.value,
      currency: cart.amount.currency,
      chargeType: cart.chargeType,
      destination,
      onBehalfOf: cart.onBehalfOf,
      fee,
      email: request.email,
      ui,
      requestKey: request.requestKey,
      requestHash: hash,
      checkoutParams: params as unknown as Record<string, unknown>,
    };
    const written = await database.transaction(async (sql) => {
      const row = await rows.insertOrder(sql, order);
      if (row) await insertShares(sql, order, shares);
      return row;
    });
    return { value: written };
  }

  async #sessionFor(order: OrderRow, stripe: Stripe): Promise<Read<StartedCheckout>> {
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
    const { database, clock, logger } = this.#options;
    const told = describeStripeError(error);
    logger.warn({ order: order.id, stripe: told }, 'Stripe could not start a payment');
    const unready = failure === 'rejected' && isSellersFault(order, told.code);
    if (failure === 'rejected' && !unready) return REJECTED;
    // Stripe may answer a key with its error for ever: the next try takes a new one, after looking.
    if (failure === 'server_error' || unready) {
      await rows.beginNextKey(database.sql, order.id, order.checkout_attempt, new Date(clock.now()));
    }
    return unready ? NOT_READY : UNAVAILABLE;
  }
}

/** The order has another idempotency key than it had when it was read. */
class KeyMovedOn extends Error {}
