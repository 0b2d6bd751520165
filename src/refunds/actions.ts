import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import type { Read } from '../http/request.ts';
import { newId } from '../ids.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Logger } from '../log.ts';
import type { Movement } from '../movements/movement.ts';
import type { Movements } from '../movements/movements.ts';
import { planMovement } from '../movements/plan.ts';
import { movementFor } from '../movements/rows.ts';
import type { OrderRow } from '../orders/order.ts';
import { lockOrder, orderById, type Side } from '../orders/rows.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { describeStripeError, stripeFailure } from '../stripe/failures.ts';
import { allowedOf } from './allowed.ts';
import type { RefundPreview } from './operations.ts';
import { previewOf } from './preview.ts';
import * as problems from './problems.ts';
import type { RefundRow } from './refund.ts';
import { requestHash, type Bearing, type RefundRequest } from './request.ts';
import * as rows from './rows.ts';
import { REFUND } from './sync.ts';

export interface RefundActionsOptions {
  database: Database;
  clients: StripeClients;
  movements: Movements;
  logger: Logger;
  side: Side;
}

/** A refund that is written down, and the call that makes it. */
interface Asked {
  refund: RefundRow;
  movement: Movement;
}

/** What may be asked for: the refund's row and its movement first, then Stripe. */
export class RefundActions {
  readonly #options: RefundActionsOptions;

  constructor(options: RefundActionsOptions) {
    this.#options = options;
  }

  /**
   * Gives a payment back, or a part of it. The same request key is the same refund. It is `requested` when
   * Stripe could not be asked or did not answer: the job goes on with it. Problems: `order_not_found` (404),
   * `invalid_request` (400), `stripe_not_configured` (503), and as 409 `idempotency_key_reused`,
   * `livemode_mismatch`, `order_not_paid`, `already_refunded`, `refund_exceeds_payment`, `order_disputed`,
   * `insufficient_balance`, `refund_refused`.
   */
  async ask(orderId: string, request: RefundRequest): Promise<Read<RefundRow>> {
    const { clients, database } = this.#options;
    if (clients.livemode === null) return { problem: problems.NOT_CONFIGURED };
    const asked = await database.transaction((sql) => this.#plan(orderId, request, sql));
    if ('problem' in asked) return asked;
    const { refund, movement } = asked.value;
    const after = await this.#run(movement);
    if (after.status === 'refused') return { problem: problems.refusalProblem(after) };
    return { value: (await rows.refundById(database.sql, refund.id)) ?? refund };
  }

  /**
   * What a refund would do, by the code that does it: nothing is written, and Stripe is not asked. Problems:
   * those of `ask` that are known before Stripe is.
   */
  async preview(orderId: string, request: RefundRequest): Promise<Read<RefundPreview>> {
    const { clients, database, side } = this.#options;
    if (clients.livemode === null) return { problem: problems.NOT_CONFIGURED };
    // Of one moment, or a share could be counted without what was just taken of it.
    return database.snapshot(async (sql) => {
      const order = await orderById(sql, orderId);
      if (!order) return { problem: problems.ORDER_NOT_FOUND };
      const refunds = await rows.refundsOf(sql, orderId);
      const allowed = allowedOf(order, request, { refunds, livemode: side.livemode });
      if ('problem' in allowed) return allowed;
      return { value: await previewOf(order, { allowed: allowed.value, refunds }, sql) };
    });
  }

  /** Under the order's lock, so that twenty at once can't give back more than was paid. */
  async #plan(orderId: string, request: RefundRequest, sql: Sql): Promise<Read<Asked>> {
    const order = await lockOrder(sql, orderId);
    if (!order) return { problem: problems.ORDER_NOT_FOUND };
    const { livemode } = order;
    const { requestKey } = request;
    const known = requestKey === null ? null : await rows.refundByRequestKey(sql, orderId, requestKey);
    if (known) {
      if (known.request_hash !== requestHash(request)) return { problem: problems.KEY_REUSED };
      const movement = await movementFor(sql, { livemode, purpose: REFUND, subject: known.id });
      return { value: { refund: known, movement: movement as Movement } };
    }
    const refunds = await rows.refundsOf(sql, orderId);
    const allowed = allowedOf(order, request, { refunds, livemode: this.#options.side.livemode });
    if ('problem' in allowed) return allowed;
    const { bearing, value } = allowed.value;
    return { value: await write({ order, request, bearing, value }, sql) };
  }

  async #run(movement: Movement): Promise<Movement> {
    try {
      return await this.#options.movements.run(movement.id);
    } catch (error) {
      // The refund may be made and what follows from it could not be read: the job does both again.
      if (stripeFailure(error) === null) throw error;
      const what = { movement: movement.id, stripe: describeStripeError(error) };
      this.#options.logger.warn(what, 'a refund could not be followed to its end');
      return movement;
    }
  }
}

interface Plan {
  order: OrderRow;
  request: RefundRequest;
  bearing: Bearing;
  value: number;
}

async function write({ order, request, bearing, value }: Plan, sql: Sql): Promise<Asked> {
  const { account, livemode } = order;
  const { currency } = order.amount;
  const refund = await rows.insertRefund(sql, {
    id: newId('rfd'),
    account,
    livemode,
    orderId: order.id,
    amount: value,
    currency,
    reason: request.reason,
    ...bearing,
    status: 'requested',
    stripeRefund: null,
    source: 'api',
    requestKey: request.requestKey,
    requestHash: requestHash(request),
  });
  const movement = await planMovement(
    { sql, enqueue: enqueueOn(sql) },
    {
      account,
      livemode,
      kind: 'refund',
      purpose: REFUND,
      subject: refund.id,
      orderId: order.id,
      amount: { value, currency },
      params: paramsOf(order, request, bearing),
    },
  );
  return { refund, movement };
}

/** Of a separate charge Stripe knows nothing to reverse: that is done by movements of our own. */
function paramsOf(order: OrderRow, { reason }: RefundRequest, bearing: Bearing): Record<string, unknown> {
  return {
    payment_intent: order.payment_intent,
    ...(reason ? { reason } : {}),
    ...(bearing.reverseTransfer && order.charge_type === 'destination' ? { reverse_transfer: true } : {}),
    ...(bearing.refundApplicationFee ? { refund_application_fee: true } : {}),
  };
}
