import type { Sql } from '../../src/db/sql.ts';

/** An order as these tests need it: what it is, in which mode, and when. */
export interface Sold {
  id: string;
  amount: number;
  currency?: string;
  livemode?: boolean;
  status?: string;
  /** Of a payment that failed. */
  problem?: string;
  created?: string;
  paid?: string | null;
}

/** Writes orders down as if they had been bought. */
export async function insertSold(sql: Sql, sold: readonly Sold[]): Promise<void> {
  for (const order of sold) {
    const { id, amount, currency = 'usd', livemode = false, paid = null, status } = order;
    await sql`
      insert into quittance.orders (id, livemode, quantity, amount, currency, status, problem, ui,
        request_hash, checkout_params, created_at, paid_at)
      values (${id}, ${livemode}, 1, ${amount}, ${currency}, ${status ?? (paid ? 'paid' : 'pending')},
        ${order.problem ?? null}, 'hosted_page', 'hash', '{}',
        coalesce(${order.created ?? paid}::timestamptz, now()), ${paid}::timestamptz)`;
  }
}

/** A seller that is ready, or not, and its part of orders. */
export async function insertSeller(
  sql: Sql,
  seller: { id: string; account: string; status?: string },
  shares: readonly { order: string; amount: number }[],
): Promise<void> {
  await sql`
    insert into quittance.seller (id, livemode, reference, mode, preset, api, account, status)
    values (${seller.id}, false, ${seller.id}, 'account_link', 'marketplace', 'v2', ${seller.account},
      ${seller.status ?? 'ready'})`;
  for (const { order, amount } of shares) {
    await sql`
      insert into quittance.order_share (order_id, seller, amount, fee, currency)
      values (${order}, ${seller.id}, ${amount}, 0, 'usd')`;
  }
}
