import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import type { Sql } from '../../src/db/sql.ts';
import type { QuittanceOptions } from '../../src/options.ts';
import type { Order } from '../../src/orders/order.ts';
import { atEnd } from './at-end.ts';
import { WEBHOOK_SECRET } from './events.ts';
import { runQuittance, until, type Running } from './quittance.ts';

export const STRIPE_KEY = 'sk_test_quittance_suite_key';

export interface Shop extends Running {
  simulator: Simulator;
  /** How often `fulfil` was called for an order, as its own writes tell. */
  fulfilments: (order: string) => Promise<number>;
  order: (id: string) => Promise<Order>;
  orderIn: (id: string, ...status: Order['status'][]) => Promise<Order>;
  /** All orders, oldest first. */
  orders: () => Promise<{ id: string; status: string }[]>;
}

/** A shop on a Quittance, and a simulator that posts its events to it. */
export async function runShop(
  { url: databaseUrl, sql }: { url: string; sql: Sql },
  options: Partial<QuittanceOptions> = {},
  { redirectWaitMs = 1_000 }: { redirectWaitMs?: number } = {},
): Promise<Shop> {
  const simulator = await startSimulator({ port: 0, redirectWaitMs });
  atEnd(() => simulator.close());
  await sql`create table if not exists public.fulfilled (order_id text not null)`;
  const running = await runQuittance(databaseUrl, {
    stripeSecretKey: STRIPE_KEY,
    stripePublishableKey: 'pk_test_quittance_suite_key',
    stripeApiBase: simulator.url,
    products: [{ id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' }],
    fulfil: async (order, { sql: write }) => {
      await write`insert into public.fulfilled (order_id) values (${order.id})`;
    },
    ...options,
  });
  await registerWebhook(simulator.url, `${running.url}/api/webhook`);
  const order = async (id: string): Promise<Order> =>
    (await (await running.api(`/api/orders/${id}`)).json()) as Order;
  return {
    ...running,
    simulator,
    order,
    fulfilments: async (id) => {
      const rows = await sql`select from public.fulfilled where order_id = ${id}`;
      return rows.length;
    },
    orderIn: (id, ...wanted) =>
      until(
        async () => {
          const found = await order(id);
          return wanted.includes(found.status) && found;
        },
        `order ${id} in ${wanted.join(' or ')}`,
      ),
    orders: () =>
      sql<{ id: string; status: string }>`select id, status from quittance.orders order by created_at`,
  };
}

/**
 * Lets a simulator post its events to `url`, signed with the suite's secret or another: it takes ours through
 * its control API, so that the server can be started with it before the endpoint exists.
 */
export async function registerWebhook(
  simulator: string,
  url: string,
  { secret = WEBHOOK_SECRET, ...more }: { secret?: string; connect?: boolean; livemode?: boolean } = {},
): Promise<void> {
  const answer = await fetch(`${simulator}/_sim/api/webhook_endpoints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, secret, ...more }),
  });
  if (!answer.ok) throw new Error(`no endpoint: ${answer.status} ${await answer.text()}`);
}
