import type Stripe from 'stripe';
import type { Problem } from '../http/problem.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import { describeStripeError, stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import type { DoorOptions } from './door.tsx';
import type { Reading } from './request.ts';
import { lockSeller } from './rows.ts';
import type { SellerRow } from './seller.ts';

/** Who came by OAuth is let go; an account that we made can only be closed, for ever. */
export type HowToPart = 'deauthorize' | 'close';

export function howToPart({ mode }: Pick<SellerRow, 'mode'>): HowToPart {
  return mode === 'oauth' ? 'deauthorize' : 'close';
}

/**
 * Ends the connection with a seller, at Stripe first. A process that dies in between leaves a seller that
 * Stripe no longer knows: its webhook, the next poll, or the same call again bring the row to it. Twice is
 * once. Problems: `close_required` (409: the account is one we made, and `close` was not said),
 * `no_account`, `not_configured`, `stripe_rejected` (409, in Stripe's words), `stripe_unavailable` (502).
 */
export async function disconnectSeller(
  options: DoorOptions,
  seller: SellerRow,
  { close }: { close: boolean },
): Promise<Reading<SellerRow>> {
  if (seller.status === 'disconnected') return { value: seller };
  const { account } = seller;
  if (account === null) return { problem: NO_ACCOUNT };
  const how = howToPart(seller);
  if (how === 'close' && !close) return { problem: CLOSE_REQUIRED };
  const isOff = options.settings.stripeConnectClientId === undefined;
  if (how === 'deauthorize' && isOff) return { problem: OAUTH_OFF };
  try {
    await partAtStripe(options, seller, account);
  } catch (error) {
    return { problem: problemOf(error, options, seller) };
  }
  const reason = how === 'deauthorize' ? 'deauthorized_by_platform' : 'account_closed';
  const gone = await options.database.transaction(async (sql) => {
    const locked = await lockSeller(sql, seller.id);
    return locked && options.sync.disconnect(locked, reason, { sql, enqueue: enqueueOn(sql) });
  });
  return { value: gone ?? seller };
}

async function partAtStripe(options: DoorOptions, seller: SellerRow, account: string): Promise<void> {
  try {
    const stripe = options.clients.own();
    if (howToPart(seller) === 'close') await closeAccount(stripe, seller, account);
    else await deauthorize(stripe, String(options.settings.stripeConnectClientId), account);
  } catch (error) {
    // What was done before, by us or somebody else, is refused, and not by an error of its own: a wrong
    // client id has the same. Whether the account is still there for us tells them apart.
    if (stripeFailure(error) !== 'rejected') throw error;
    const facts = await options.sync.read(seller, account);
    if (facts.gone === null) throw error;
  }
}

// docs.stripe.com/connect/oauth-reference
async function deauthorize(stripe: Stripe, client_id: string, account: string): Promise<void> {
  await stripe.oauth.deauthorize({ client_id, stripe_user_id: account });
}

// docs.stripe.com/api/v2/core/accounts/close, docs.stripe.com/api/accounts/delete. In live mode Stripe closes
// no account with money in it, and none whose losses are its own.
async function closeAccount(stripe: Stripe, seller: SellerRow, account: string): Promise<void> {
  if (seller.api === 'v2') await stripe.v2.core.accounts.close(account);
  else await stripe.accounts.del(account);
}

function problemOf(error: unknown, { logger }: DoorOptions, seller: SellerRow): Problem {
  const failure = stripeFailure(error);
  if (failure === null) throw error;
  logger.warn({ seller: seller.id, failure, ...describeStripeError(error) }, 'a seller was not disconnected');
  if (failure !== 'rejected') return STRIPE_AWAY;
  const detail = `Stripe refuses: ${stripeRefusal(error).message}`;
  return { status: 409, code: 'stripe_rejected', detail };
}

const NO_ACCOUNT: Problem = {
  status: 409,
  code: 'no_account',
  detail: 'This seller has no account at Stripe, so there is nothing to disconnect.',
};

const CLOSE_REQUIRED: Problem = {
  status: 409,
  code: 'close_required',
  detail:
    'The account was made by your platform: it can not be disconnected, only closed, and never opened ' +
    'again. Say {"close_account":true} to close it.',
  extra: { field: 'close_account' },
};

const OAUTH_OFF: Problem = {
  status: 503,
  code: 'oauth_not_configured',
  detail: 'Set STRIPE_CONNECT_CLIENT_ID (ca_…): Stripe lets accounts go by it.',
};

const STRIPE_AWAY: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer, so the seller may still be connected. The same request tries again.',
};
