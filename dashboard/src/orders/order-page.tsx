import { Stack } from '@mantine/core';
import { useParams } from 'wouter';
import { useOperation } from '../api/hooks.ts';
import { formatMoney } from '../parts/money.tsx';
import { Page } from '../parts/page.tsx';
import { Known } from '../parts/states.tsx';
import { useMay } from '../session/session.ts';
import { Fulfil } from './fulfil.tsx';
import { Facts, Items, Shares, type Order } from './order-facts.tsx';
import { Refund } from './refund.tsx';
import { Review } from './review.tsx';
import { OrderStatus } from './status.tsx';
import { Story } from './story.tsx';
import { WhatToDo } from './what-to-do.tsx';

const REFRESH_MS = 5_000;

/** One order: what it is, what can be done, and everything that happened to it. */
export default function OrderPage() {
  const { id } = useParams<{ id: string }>();
  const found = useOperation('getOrder', { params: { id } }, { refreshMs: REFRESH_MS });
  const order = found.data && 'shares' in found.data ? found.data : undefined;
  return (
    <Page
      title={order ? `Order of ${formatMoney(order.amount)}` : 'Order'}
      aside={order && <OrderStatus status={order.status} />}
      back={{ path: '/orders', label: 'Orders' }}
      actions={order && <Actions order={order} />}
    >
      <Known found={{ ...found, data: order }}>{(known) => <Whole order={known} />}</Known>
    </Page>
  );
}

function Whole({ order }: { order: Order }) {
  const { id } = order;
  const story = useOperation('getOrderTimeline', { params: { id } }, { refreshMs: REFRESH_MS });
  return (
    <Stack gap="md">
      <WhatToDo order={order} />
      <Facts order={order} />
      <Items order={order} />
      {order.shares.length > 0 && <Shares order={order} />}
      <Known found={story}>{(known) => <Story story={known} order={order} />}</Known>
    </Stack>
  );
}

function Actions({ order }: { order: Order }) {
  if (!useMay('operator')) return null;
  return (
    <>
      {order.status === 'review' && <Review order={order} />}
      {(order.status === 'paid' || order.status === 'fulfilled') && <Fulfil order={order} />}
      {order.paid_at !== null && order.refunded < order.amount.value && <Refund order={order} />}
    </>
  );
}
