import type { ReactNode } from 'react';
import { useOperation } from '../api/hooks.ts';
import type { Tone } from '../parts/status-badge.tsx';
import { To } from '../parts/to.tsx';
import { useView } from '../shell/view.ts';
import type { Order } from './order-facts.tsx';

/** What stands in the way of an order, and what helps. */
export function WhatToDo({ order }: { order: Order }) {
  const { status, problem, reviewed_at: reviewed } = order;
  if (status === 'review')
    return (
      <Notice tone="bad" title="The payment is not what was ordered, so nothing was fulfilled.">
        <div>{problem}</div>
        <div>
          {reviewed === null
            ? 'Look at the payment, then refund it, or review it and have it fulfilled.'
            : 'Somebody looked at it and left it as it is: what they found stands below.'}
        </div>
      </Notice>
    );
  if (status === 'paid' && problem !== null)
    return (
      <Notice tone="bad" title="The order is paid, but could not be fulfilled.">
        <div>{problem}</div>
        <div>It is tried again by itself. When you have mended it, fulfil it now.</div>
      </Notice>
    );
  if (status === 'failed')
    return (
      <Notice tone="wait" title="The last payment failed. The buyer can try again.">
        <div>{problem}</div>
      </Notice>
    );
  return status === 'disputed' ? <Disputed order={order.id} /> : null;
}

function Disputed({ order }: { order: string }) {
  const { mode } = useView();
  const found = useOperation('listDisputes', { query: { ...mode, order } });
  return (
    <Notice tone="bad" title="The buyer’s bank took the money back.">
      {found.data?.data.map(({ id, reason_words: words }) => (
        <To key={id} path={`/disputes/${id}`}>
          {words}
        </To>
      ))}
    </Notice>
  );
}

function Notice({ tone, title, children }: { tone: Tone; title: string; children: ReactNode }) {
  return (
    <div className="notice" data-tone={tone}>
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}
