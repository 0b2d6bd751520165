import type { SellerStatus } from '../connect/seller.ts';
import type { Sql } from '../db/sql.ts';
import type { PublicShare } from './schemas.ts';

/** The part of an order that is for one seller. Amounts are minor units of the order's currency. */
interface Share {
  order_id: string;
  /** Ours: `sel_…`. */
  seller: string;
  /** What the buyer pays for it, and what of that the platform keeps. */
  amount: number;
  fee: number;
  currency: string;
  /** Stripe's transfer to the seller, once there is one; a direct charge never has one. */
  transfer: string | null;
  /** Never transferred, since it was refunded before: `amount - fee - withheld` was or will be. */
  withheld: number;
  /** Taken back of the transfer by refunds and disputes. */
  reversed: number;
}

/** A share with who it is for. */
export interface SellersShare extends Share {
  reference: string;
  account: string | null;
  status: SellerStatus;
  /** Transferred once more, since a refund failed or a dispute was won. */
  given_again: number;
}

/** A share as the platform's own programs see it. */
export function publicShare(share: SellersShare): PublicShare {
  const {
    reference: seller,
    seller: seller_id,
    amount,
    fee,
    transfer,
    withheld,
    reversed,
    given_again,
  } = share;
  return { seller, seller_id, amount, fee, transfer, withheld, reversed, given_again };
}

export type NewShare = Pick<Share, 'seller' | 'amount' | 'fee'>;

/** Writes the shares of a new order, in the transaction that writes the order. */
export async function insertShares(
  sql: Sql,
  order: { id: string; currency: string },
  shares: readonly NewShare[],
): Promise<void> {
  for (const { seller, amount, fee } of shares) {
    await sql`
      insert into quittance.order_share (order_id, seller, amount, fee, currency)
      values (${order.id}, ${seller}, ${amount}, ${fee}, ${order.currency})`;
  }
}

/** The shares of an order, with the sellers as they stand now. */
export async function sharesOf(sql: Sql, orderId: string): Promise<SellersShare[]> {
  return sql<SellersShare>`
    select share.*, seller.reference, seller.account, seller.status, (
      select coalesce(sum(moved.amount), 0)::bigint from quittance.movement moved
      where moved.order_id = share.order_id and moved.status = 'done' and moved.kind = 'transfer'
        and moved.purpose <> 'split' and moved.params ->> 'destination' = seller.account) as given_again
    from quittance.order_share share join quittance.seller on seller.id = share.seller
    where share.order_id = ${orderId} order by seller.reference`;
}

/** Keeps which transfer brought a seller's share. The first one stays. */
export async function noteTransfer(
  sql: Sql,
  { orderId, seller, transfer }: { orderId: string; seller: string; transfer: string },
): Promise<void> {
  await sql`
    update quittance.order_share set transfer = coalesce(transfer, ${transfer})
    where order_id = ${orderId} and seller = ${seller}`;
}

/** The same for an order with one seller, whose transfer Stripe made by itself. */
export async function noteTransferOfOne(sql: Sql, orderId: string, transfer: string): Promise<void> {
  await sql`
    update quittance.order_share set transfer = ${transfer}
    where order_id = ${orderId} and transfer is null`;
}

/** Keeps what of a share is not transferred any more, since it went back to the buyer first. */
export async function noteWithheld(
  sql: Sql,
  { orderId, seller, withheld }: { orderId: string; seller: string; withheld: number },
): Promise<void> {
  await sql`
    update quittance.order_share set withheld = ${withheld}
    where order_id = ${orderId} and seller = ${seller}`;
}

/** Adds what a refund or a dispute took of the transfer to a seller. */
export async function addReversed(
  sql: Sql,
  { orderId, seller, amount }: { orderId: string; seller: string; amount: number },
): Promise<void> {
  await sql`
    update quittance.order_share set reversed = reversed + ${amount}
    where order_id = ${orderId} and seller = ${seller}`;
}
