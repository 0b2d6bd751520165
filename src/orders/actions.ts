import type { Database } from '../db/database.ts';
import type { Caller } from '../http/caller.ts';
import type { Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Logger } from '../log.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { describeStripeError, stripeFailure } from '../stripe/failures.ts';
import { addAct } from './act-rows.ts';
import type { OrderRow } from './order.ts';
import * as problems from './problems.ts';
import { lockOrder, noteReview, type Side } from './rows.ts';
import type { SettleContext, Settler } from './settle.ts';

export interface OrderActionsOptions {
  database: Database;
  clients: StripeClients;
  settler: Settler;
  logger: Logger;
  side: Side;
}

/** What an operator may do with an order. Each happens under its lock, with what Stripe says then. */
export class OrderActions {
  readonly #options: OrderActionsOptions;

  constructor(options: OrderActionsOptions) {
    this.#options = options;
  }

  /**
   * Decides about an order in review. Without `fulfil` it only says that somebody looked, when, and what they
   * found: the order stays as it is, for what was paid is still not what was ordered. With `fulfil` the
   * problem that stands at the order is accepted, and that one alone: the order settles again, and if the
   * money is here it goes on as if the payment had been as ordered. Sellers then get what was ordered for
   * them, also when less was paid. Whatever else is wrong with the payment puts it in review again; what was
   * refunded becomes refunded, what is disputed disputed, and without a payment it stays in review.
   */
  review(
    id: string,
    { note, fulfil }: { note: string; fulfil: boolean },
    by: Caller,
  ): Promise<Read<OrderRow>> {
    return this.#underLock(id, async (order, context) => {
      const { status, problem } = order;
      if (status !== 'review') return { problem: problems.NOT_IN_REVIEW };
      if (fulfil && order.charge === null) return { problem: problems.NOT_PAID };
      await addAct(context.sql, id, by, { kind: fulfil ? 'accepted' : 'reviewed', note, problem });
      await noteReview(context.sql, id, fulfil ? problem : null);
      return this.#settle(order, context);
    });
  }

  /**
   * Runs `fulfil` for an order that is paid and was not fulfilled, after asking Stripe; with `again` also for
   * one that was: that is the one way in which it ever runs twice, and it is written down.
   */
  fulfil(id: string, { again }: { again: boolean }, by: Caller): Promise<Read<OrderRow>> {
    return this.#underLock(id, async (order, context) => {
      if (order.status === 'review') return { problem: problems.IN_REVIEW };
      if (order.fulfilled_at === null) {
        const settled = await this.#settle(order, context);
        if ('problem' in settled || settled.value.status === 'fulfilled') return settled;
        return { problem: whyNot(settled.value) };
      }
      if (!again) return { problem: problems.FULFILLED };
      if (order.status !== 'fulfilled') return { problem: whyNot(order) };
      const problem = await this.#options.settler.fulfilAgain(order, context);
      const kind = problem === null ? 'fulfilled_again' : 'fulfil_again_failed';
      await addAct(context.sql, id, by, { kind, note: null, problem });
      return problem === null ? { value: order } : { problem: problems.fulfilFailed(problem) };
    });
  }

  async #underLock(
    id: string,
    act: (order: OrderRow, context: SettleContext) => Promise<Read<OrderRow>>,
  ): Promise<Read<OrderRow>> {
    const { database, clients, side, logger } = this.#options;
    if (clients.livemode === null) return { problem: problems.NOT_CONFIGURED };
    try {
      return await database.transaction(async (sql, nested) => {
        const order = await lockOrder(sql, id);
        if (!order) return { problem: problems.ORDER_NOT_FOUND };
        if (order.livemode !== side.livemode) return { problem: problems.OTHER_MODE };
        const place = { account: order.account, livemode: order.livemode };
        const stripe = clients.open()(place);
        return act(order, { side: place, sql, nested, enqueue: enqueueOn(sql), stripe });
      });
    } catch (error) {
      if (stripeFailure(error) === null) throw error;
      logger.warn({ order: id, stripe: describeStripeError(error) }, 'an order could not be settled');
      return { problem: problems.UNAVAILABLE };
    }
  }

  async #settle(before: OrderRow, context: SettleContext): Promise<Read<OrderRow>> {
    const { order, outcome } = await this.#options.settler.settle({ order: before.id }, context);
    if (outcome.kind === 'retry') return { problem: problems.fulfilFailed(outcome.why) };
    return { value: order ?? before };
  }
}

function whyNot({ status, paid_at }: OrderRow): Problem {
  if (status === 'review') return problems.IN_REVIEW;
  return paid_at === null ? problems.NOT_PAID : problems.GIVEN_BACK;
}
