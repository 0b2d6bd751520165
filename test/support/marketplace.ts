import type Stripe from 'stripe';
import type { Sql } from '../../src/db/sql.ts';
import { newId } from '../../src/ids.ts';
import { admitAccount, CONNECT_ENDPOINT } from '../../src/inbox/known-accounts.ts';
import type { QuittanceOptions } from '../../src/options.ts';
import { ensureDestination } from '../../src/stripe/endpoint.ts';
import { pay } from '../simulator/support/money.ts';
import { makeSeller } from '../simulator/support/seller.ts';
import { control } from '../simulator/support/simulator.ts';
import { stripeOf } from './buyer.ts';
import { registerWebhook, runShop, type Shop } from './shop.ts';

export const CONNECT_SECRET = 'whsec_test_secret_of_the_connect_endpoint';
export const THIN_SECRET = 'whsec_test_secret_of_the_thin_destination';
export const CONNECT_CLIENT_ID = 'ca_QuittanceSuite';

/** A shop that sells for others, with a simulator that tells it of them. */
export interface Marketplace extends Shop {
  /** Stripe's real client for the simulator, as the platform. */
  stripe: Stripe;
  sql: Sql;
  /** Moves Stripe's clock; what falls due on the way happens, and its webhooks are answered. */
  advance: (seconds: number) => Promise<void>;
  /** Everything that Stripe had to tell was told and answered. The drain may still be at it. */
  settled: () => Promise<void>;
}

/** A seller and its account at Stripe. */
export interface TestSeller {
  /** Ours: `sel_…`. */
  id: string;
  reference: string;
  /** Stripe's: `acct_…`. */
  account: string;
}

/**
 * A Quittance with three secrets and the simulator that posts to it: events of our own account and thin ones
 * about accounts of /v2 to `/api/webhook`, those of connected accounts to `/api/webhook/connect`.
 */
export async function runMarketplace(
  place: { url: string; sql: Sql },
  options: Partial<QuittanceOptions> = {},
  ...more: Parameters<typeof runShop> extends [unknown, unknown?, ...infer Rest] ? Rest : never
): Promise<Marketplace> {
  const shop = await runShop(
    place,
    {
      stripeConnectWebhookSecret: CONNECT_SECRET,
      stripeThinWebhookSecret: THIN_SECRET,
      stripeConnectClientId: CONNECT_CLIENT_ID,
      ...options,
    },
    ...more,
  );
  const stripe = stripeOf(shop.simulator);
  await registerConnect(shop, stripe);
  return {
    ...shop,
    stripe,
    sql: place.sql,
    advance: async (seconds) => {
      await shop.simulator.clock.advance(seconds);
      await shop.simulator.deliveriesSettled();
    },
    settled: () => shop.simulator.deliveriesSettled(),
  };
}

/** Lets the simulator tell this server of connected accounts, at both of its addresses. */
async function registerConnect(
  { simulator, url }: Pick<Shop, 'simulator' | 'url'>,
  stripe: Stripe,
): Promise<void> {
  await registerWebhook(simulator.url, `${url}${CONNECT_ENDPOINT}`, {
    secret: CONNECT_SECRET,
    connect: true,
  });
  const { id } = await ensureDestination(stripe, `${url}/api/webhook`);
  await control(simulator, 'POST', `webhook_endpoints/${id}/roll_secret`, { secret: THIN_SECRET });
}

/** An account like the ones the marketplace preset makes (/v2, Express dashboard), onboarded by test data. */
export async function readyExpressAccount({
  stripe,
  simulator,
}: Pick<Marketplace, 'stripe' | 'simulator'>): Promise<string> {
  const { id } = await stripe.v2.core.accounts.create({
    contact_email: 'jenny.rosen@example.com',
    display_name: 'Jenny',
    dashboard: 'express',
    defaults: { responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
    identity: { country: 'us', entity_type: 'individual' },
    configuration: {
      recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
    },
  });
  await control(simulator, 'POST', `accounts/${id}/onboard`, {});
  return id;
}

/** A seller who can be sold for: a ready account at Stripe (made by /v1 at once), and its row with us. */
export async function readySeller(
  place: Pick<Marketplace, 'stripe' | 'sql'>,
  reference: string,
  more: Stripe.AccountCreateParams = {},
): Promise<TestSeller> {
  const account = await makeSeller(place, more);
  return knownSeller(place.sql, { reference, account: account.id });
}

/** The row of a seller whose account is ready at Stripe. */
export async function knownSeller(
  sql: Sql,
  { reference, account, livemode = false }: { reference: string; account: string; livemode?: boolean },
): Promise<TestSeller> {
  const id = newId('sel');
  await sql`
    insert into quittance.seller
      (id, livemode, reference, mode, preset, api, name, email, country, business_type, account, status,
       charges_enabled, payouts_enabled, details_submitted, default_currency, connected_at)
    values (${id}, ${livemode}, ${reference}, 'account_link', 'marketplace', 'v1', 'Jenny Rosen',
       'jenny.rosen@example.com', 'US', 'individual', ${account}, 'ready', true, true, true, 'usd', now())`;
  await admitAccount(sql, account, livemode);
  return { id, reference, account };
}

/** Gives our own account money that it can spend at once. */
export async function fundPlatform(
  shop: Pick<Marketplace, 'stripe'>,
  amount: number,
  currency = 'usd',
): Promise<void> {
  await pay(shop, { amount, currency });
}

/** Gives a seller money that it can pay out at once: a destination charge without a fee. */
export async function fundSeller(
  shop: Pick<Marketplace, 'stripe'>,
  { account }: Pick<TestSeller, 'account'>,
  amount: number,
  currency = 'usd',
): Promise<void> {
  await pay(shop, { amount, currency, transfer_data: { destination: account } });
}

/** The balance transactions of an account (of our own without one), oldest first. */
export async function transactionsOf(
  { stripe }: Pick<Marketplace, 'stripe'>,
  account?: string,
): Promise<Stripe.BalanceTransaction[]> {
  const options = account ? { stripeAccount: account } : undefined;
  const all = await stripe.balanceTransactions
    .list({ limit: 100 }, options)
    .autoPagingToArray({ limit: 10_000 });
  return all.toReversed();
}

export { balanceOf, DAY_SECONDS, expectToAddUp } from '../simulator/support/money.ts';
