import { formatMoney } from '../money.ts';
import type { OrderRow, OrderStatus } from './order.ts';

/** What the buyer sees: several states of ours are one to them. */
export type Standing = 'done' | 'paid' | 'processing' | 'open' | 'failed' | 'returned';

/** Exhaustive on purpose: a new status has to say what a buyer is told. */
export function standingOf(status: OrderStatus): Standing {
  switch (status) {
    case 'fulfilled':
      return 'done';
    case 'paid':
    case 'review':
      return 'paid';
    case 'pending':
      return 'open';
    case 'processing':
      return 'processing';
    case 'failed':
    case 'expired':
      return 'failed';
    case 'refunded':
    case 'disputed':
      return 'returned';
    default:
      return status satisfies never;
  }
}

const TEXTS: Record<Standing, { title: string; text: string; look: string }> = {
  done: { title: 'Thank you', text: 'Your payment arrived and your order is complete.', look: 'good' },
  paid: { title: 'Thank you', text: 'Your payment arrived. We are preparing your order.', look: 'good' },
  processing: {
    title: 'Your payment is on its way',
    text: 'It has not been confirmed yet. This page follows it; you may also close it, nothing gets lost.',
    look: 'wait',
  },
  open: {
    title: 'Not paid yet',
    text: 'We know of no payment for this order so far. This page follows it; nothing you paid gets lost.',
    look: 'wait',
  },
  failed: {
    title: 'The payment did not go through',
    text: 'Nothing was charged. You can try again from the shop.',
    look: 'bad',
  },
  returned: { title: 'This payment was returned', text: 'The money of this order went back.', look: 'wait' },
};

/** The page Stripe sends the buyer to: what is true, whatever the address says. */
export function OrderPage({ order, token }: { order: OrderRow; token: string }) {
  const standing = standingOf(order.status);
  return (
    <div class="narrow" id="order" data-order={order.id} data-token={token} data-standing={standing}>
      {(Object.keys(TEXTS) as Standing[]).map((name) => (
        <section data-shown={name} hidden={name !== standing} aria-live="polite">
          <h1>{TEXTS[name].title}</h1>
          <p class={`note ${TEXTS[name].look}`}>{TEXTS[name].text}</p>
        </section>
      ))}
      <div class="card panel">
        <dl class="summary">
          {order.items.map(({ quantity, name, amount }) => (
            <>
              <dt>
                {quantity} × {name}
              </dt>
              <dd class="price">{formatMoney({ value: amount, currency: order.amount.currency })}</dd>
            </>
          ))}
          {order.items.length > 1 && (
            <>
              <dt>Total</dt>
              <dd class="price">{formatMoney(order.amount)}</dd>
            </>
          )}
          {order.refunded > 0 && (
            <>
              <dt>Given back</dt>
              <dd class="price">{formatMoney({ value: order.refunded, currency: order.amount.currency })}</dd>
            </>
          )}
          <dt>Order</dt>
          <dd>{order.id}</dd>
          <dt>State</dt>
          <dd id="status">{order.status}</dd>
        </dl>
      </div>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </div>
  );
}
