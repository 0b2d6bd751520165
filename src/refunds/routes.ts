import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { pageOf } from '../http/operation.ts';
import { orderById } from '../orders/rows.ts';
import type { RefundActions } from './actions.ts';
import { GET_REFUND, LIST_REFUNDS, PREVIEW_REFUND, REFUND_ORDER } from './operations.ts';
import { ORDER_NOT_FOUND, REFUND_NOT_FOUND } from './problems.ts';
import type { RefundRow } from './refund.ts';
import { requestOf } from './request.ts';
import { refundById, refundPage } from './rows.ts';

/** The refunds of an order, for operators and the platform's own programs. */
export function refundRoutes(
  api: Api,
  { database, actions }: { database: Database; actions: RefundActions },
): void {
  api.on(REFUND_ORDER, async ({ params, body, idempotencyKey }) => {
    const asked = await actions.ask(params.id ?? '', requestOf(body, idempotencyKey));
    if ('problem' in asked) return asked;
    return { value: publicRefund(asked.value), status: asked.value.status === 'requested' ? 202 : 201 };
  });

  api.on(PREVIEW_REFUND, ({ params, body }) => actions.preview(params.id ?? '', requestOf(body, null)));

  api.on(LIST_REFUNDS, async ({ params, query: { after, limit } }) => {
    const order = await orderById(database.sql, params.id ?? '');
    if (!order) return { problem: ORDER_NOT_FOUND };
    const found = await refundPage(database.sql, order.id, { after, limit: limit + 1 });
    return { value: pageOf(found.map(publicRefund), limit, ({ id }) => id) };
  });

  api.on(GET_REFUND, async ({ params }) => {
    const refund = await refundById(database.sql, params.refund ?? '');
    if (!refund || refund.order_id !== params.id) return { problem: REFUND_NOT_FOUND };
    return { value: publicRefund(refund) };
  });
}

function publicRefund(refund: RefundRow): z.input<typeof GET_REFUND.answer> {
  const { id, order_id, status, amount, reason, livemode, source } = refund;
  const { reverse_transfer, refund_application_fee, failure_reason, stripe_refund } = refund;
  return {
    id,
    order: order_id,
    status,
    amount,
    reason,
    reverse_transfer,
    refund_application_fee,
    failure_reason,
    stripe_refund,
    stripe_account: refund.account || null,
    source,
    livemode,
    created_at: refund.created_at,
    updated_at: refund.updated_at,
  };
}
