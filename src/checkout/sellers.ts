import { sellerByReference } from '../connect/rows.ts';
import type { SellerRow } from '../connect/seller.ts';
import type { Sql } from '../db/sql.ts';
import type { Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import type { OrderRow } from '../orders/order.ts';
import { sharesOf } from '../orders/share-rows.ts';
import type { Cart } from './cart.ts';
import { NOT_READY } from './problems.ts';
import type { PaymentRequest } from './request.ts';

/** A seller's part of an order about to be written. */
export interface ReadyShare {
  seller: string;
  account: string;
  amount: number;
  fee: number;
}

/**
 * The sellers of a cart as we know them. Problem: `seller_not_ready` (409) when we know none of such a
 * reference, or they can't be paid now; to charge directly or on their behalf, Stripe wants an account that
 * may take cards.
 */
export async function readySellers(
  sql: Sql,
  livemode: boolean,
  { from, cart }: { from: PaymentRequest['from']; cart: Cart },
): Promise<Read<ReadyShare[]>> {
  const ready: ReadyShare[] = [];
  for (const { reference, amount, fee } of cart.shares) {
    const seller = await sellerByReference(sql, livemode, reference);
    const account = seller && canSell(seller, cart.chargeType === 'direct' || cart.onBehalfOf);
    if (!account) return { problem: from === 'buyer' ? NOT_READY : notReady(reference, seller) };
    ready.push({ seller: seller.id, account, amount, fee });
  }
  return { value: ready };
}

/** Null when an order's sellers can still be sold for, on the accounts it was written for. */
export async function refuseUnready(sql: Sql, order: OrderRow): Promise<Problem | null> {
  if (order.charge_type === 'platform') return null;
  const shares = await sharesOf(sql, order.id);
  const fit = shares.every(({ status, account }) => {
    return status === 'ready' && account !== null && (order.destination ?? account) === account;
  });
  return fit && shares.length > 0 ? null : NOT_READY;
}

function canSell({ status, account, charges_enabled }: SellerRow, takesCharge: boolean): string | null {
  return status === 'ready' && (charges_enabled || !takesCharge) ? account : null;
}

function notReady(reference: string, seller: SellerRow | null): Problem {
  const state = seller ? `is ${seller.status}` : 'is unknown: add them with POST /api/connect/sellers';
  const why =
    seller?.status === 'ready'
      ? 'has no account that may take charges directly, or have them made on its behalf'
      : state;
  const detail = `The seller ${JSON.stringify(reference)} ${why}. Nothing was charged.`;
  return { ...NOT_READY, detail, extra: { seller: reference, seller_status: seller?.status ?? null } };
}

// Stripe's codes, docs.stripe.com/error-codes: the receiver may have no transfers, or is not ours any more.
const SELLER_REFUSED = new Set(['insufficient_capabilities_for_transfer', 'account_invalid']);

/** True when Stripe refused a payment because of its seller, of whose fall we have not heard yet. */
export function isSellersFault(order: OrderRow, code: unknown): boolean {
  return order.charge_type !== 'platform' && SELLER_REFUSED.has(String(code));
}
