import { createHmac } from 'node:crypto';
import type { EventRow } from '../../events/rows.ts';
import type { Order } from '../../orders/order.ts';
import { countFulfilments } from './rows.ts';
import type { Stage } from './stage.ts';

const WAIT_MS_MAX = 20_000;
const ASK_MS = 50;

/** Looks at the server from outside: orders, events, fulfilments. */
export class Watch {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  order(id: string): Promise<Order> {
    return this.#stage.api<Order>(`/api/orders/${id}`);
  }

  async orderIn(id: string, ...wanted: Order['status'][]): Promise<Order> {
    return this.until(`order ${id} in state ${wanted.join(' or ')}`, async () => {
      const order = await this.order(id);
      return wanted.includes(order.status) ? order : null;
    });
  }

  /** An event of this object and type that has come by the webhook and whose handlers have run. */
  async deliveredEvent(type: string, object: string): Promise<EventRow> {
    return this.until(`event ${type} of ${object}, delivered and done`, async () => {
      const query = `type=${type}&object=${object}&status=done`;
      const { data } = await this.#stage.api<{ data: EventRow[] }>(`/api/events?${query}`);
      // The reconciler may have seen it a moment earlier; the webhook is then its second arrival.
      return data.find(({ source, deliveries }) => source === 'webhook' || deliveries > 1) ?? null;
    });
  }

  async eventsOf(object: string): Promise<EventRow[]> {
    return (await this.#stage.api<{ data: EventRow[] }>(`/api/events?object=${object}`)).data;
  }

  fulfilments(order: string): Promise<number> {
    return countFulfilments(this.#stage.database.sql, order);
  }

  /** Posts a stored event once more, signed now, as Stripe does when it repeats a delivery. */
  async deliverAgain(id: string): Promise<number> {
    const { payload } = await this.#stage.api<{ payload: unknown }>(`/api/events/${id}`);
    const body = JSON.stringify(payload);
    const timestamp = Math.floor(Date.now() / 1000);
    const signed = createHmac('sha256', this.#stage.webhookSecret)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    const answer = await fetch(`${this.#stage.url}/api/webhook`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${timestamp},v1=${signed}` },
    });
    return answer.status;
  }

  /** Asks again and again until there is something, for 20 s at most unless it is said otherwise. */
  async until<T>(what: string, ask: () => Promise<T | null>, msMax = WAIT_MS_MAX): Promise<T> {
    const deadline = Date.now() + msMax;
    for (;;) {
      const answer = await ask();
      if (answer !== null) return answer;
      if (Date.now() > deadline) throw new Error(`waited ${msMax / 1000} s in vain for: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }
}
