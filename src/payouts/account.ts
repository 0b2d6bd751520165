import type Stripe from 'stripe';
import type { Read } from '../http/request.ts';
import { sellerById } from '../connect/rows.ts';
import type { SellerRow } from '../connect/seller.ts';
import type { Database } from '../db/database.ts';
import type { Problem } from '../http/problem.ts';
import type { StripeClients } from '../stripe/clients.ts';

/** A seller with an account, and Stripe's client that speaks for it. */
export interface SellerAccount {
  seller: SellerRow;
  account: string;
  stripe: Stripe;
}

export interface AccountParts {
  database: Database;
  clients: StripeClients;
}

/**
 * Who an address of the money of a seller is about. Problems: `seller_not_found` (404), `seller_not_ready`
 * (409, no account yet), `seller_disconnected` (409), `stripe_not_configured` (503).
 */
export async function sellerAccount(
  id: string,
  { database, clients }: AccountParts,
): Promise<Read<SellerAccount>> {
  if (clients.livemode === null) return { problem: NOT_CONFIGURED };
  const seller = await sellerById(database.sql, id);
  if (!seller || seller.livemode !== clients.livemode) return { problem: NOT_FOUND };
  if (seller.status === 'disconnected') return { problem: DISCONNECTED };
  if (seller.account === null) return { problem: NOT_STARTED };
  return { value: { seller, account: seller.account, stripe: clients.for(seller.account) } };
}

/** `express`, `full` or `none`: where the seller sees the account, as far as we know. */
export function dashboardOf({ dashboard, preset }: SellerRow): string {
  return dashboard ?? (preset === 'full_dashboard' ? 'full' : 'express');
}

export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: 'stripe_not_configured',
  detail: 'No Stripe key is configured: set STRIPE_SECRET_KEY.',
};

const NOT_FOUND: Problem = {
  status: 404,
  code: 'seller_not_found',
  detail: 'There is no such seller in the mode of this server’s key.',
};

const NOT_STARTED: Problem = {
  status: 409,
  code: 'seller_not_ready',
  detail: 'This seller has no Stripe account yet: onboarding has not begun.',
};

const DISCONNECTED: Problem = {
  status: 409,
  code: 'seller_disconnected',
  detail: 'This seller is no longer connected to the platform, so Stripe tells nothing of the account.',
};
