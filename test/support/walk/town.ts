import { onTestFinished } from 'vitest';
import type { ProductInput } from '../../../src/orders/products.ts';
import type { QuittanceOptions } from '../../../src/options.ts';
import { createQuittance, type Quittance } from '../../../src/quittance.ts';
import { control } from '../../simulator/support/simulator.ts';
import { freshDatabase } from '../database.ts';
import { WEBHOOK_SECRET } from '../events.ts';
import {
  CONNECT_CLIENT_ID,
  CONNECT_SECRET,
  fundPlatform,
  readySeller,
  runMarketplace,
  THIN_SECRET,
  type Marketplace,
  type TestSeller,
} from '../marketplace.ts';
import { API_KEY, SECRET, until } from '../quittance.ts';
import { STRIPE_KEY } from '../shop.ts';

// Stripe may be ahead of us by less than what is between 23 hours, our age of a key, and its 24.
const SLICE_SECONDS = 1_800;
// What waits for a transfer waits longer than the transfer for Stripe.
const BACKOFF_SECONDS_MAX = 2;
// So that giving sellers money again never waits for the platform's own.
const FUNDS = 10_000_000;

/** Odd prices, so that each share and each rounding has its half. */
const PRODUCTS: ProductInput[] = [
  { id: 'coffee', name: 'Coffee', price: 351, currency: 'usd' },
  { id: 'cabin', name: 'Cabin', price: 9_997, currency: 'usd', seller: 'ann', fee: { percent: 10 } },
  {
    id: 'boat',
    name: 'Boat',
    price: 5_005,
    currency: 'usd',
    seller: 'bob',
    fee: { percent: 2.5, fixed: 30 },
  },
  { id: 'hut', name: 'Hut', price: 3_333, currency: 'usd', seller: 'cid', fee: { percent: '33.3333' } },
  {
    id: 'tent',
    name: 'Tent',
    price: 2_001,
    currency: 'usd',
    seller: 'bob',
    charge: 'direct',
    fee: { fixed: 150 },
  },
  { id: 'gift', name: 'Gift', price: 777, currency: 'usd', seller: 'ann' },
  { id: 'bath', name: '銭湯', price: 333, currency: 'jpy', seller: 'ann', fee: { percent: 0.5 } },
  { id: 'tea', name: '茶', price: 1_001, currency: 'jpy', seller: 'bob', fee: { percent: 7.5 } },
  {
    id: 'map',
    name: '地図',
    price: 500,
    currency: 'jpy',
    seller: 'cid',
    charge: 'direct',
    fee: { percent: 20 },
  },
  { id: 'villa', name: 'Villa', price: 12_345, currency: 'eur', seller: 'cid', fee: { percent: 12.5 } },
  { id: 'barn', name: 'Barn', price: 2_222, currency: 'eur', seller: 'ann', fee: { fixed: 1 } },
];

export function priceOf(product: string): number {
  return PRODUCTS.find(({ id }) => id === product)?.price ?? 0;
}

/** An order that was paid for. */
export interface Sale {
  order: string;
  /** The seller's account when the charge is the seller's own. */
  account: string | null;
  amount: number;
}

/** A marketplace that is walked through: time passes for it and for Stripe alike, and it can be restarted. */
export interface Town extends Marketplace {
  sellers: TestSeller[];
  sales: Sale[];
  /** What was asked for and what came of it, to be read when something is wrong. */
  story: string[];
  /** Moves Stripe's clock and ours. */
  pass: (seconds: number) => Promise<void>;
  /** The process ends and another begins; in between Stripe finds nobody. */
  restart: (whileAway?: () => Promise<unknown>) => Promise<void>;
  /** The process that runs now. */
  current: () => Quittance;
}

/** A new town with three sellers. Its database is its own: what an earlier walk left running is elsewhere. */
export async function runTown(seed: number): Promise<Town> {
  let ahead = 0;
  const { url, database } = await freshDatabase();
  const place = { url, sql: database.sql };
  const more: Partial<QuittanceOptions> = {
    products: PRODUCTS,
    clock: { now: () => Date.now() + ahead },
    drain: { backoff: (attempts) => Math.min(BACKOFF_SECONDS_MAX, 0.02 * 2 ** attempts) },
    fulfil: async (order, { sql }) => {
      await sql`insert into public.fulfilled (order_id) values (${order.id})`;
    },
  };
  const shop = await runMarketplace(place, more, { redirectWaitMs: 0 });
  await control(shop.simulator, 'POST', 'faults/seed', { seed: String(seed) });
  let quittance = shop.quittance;
  onTestFinished(() => quittance.stop());
  const closed = { external_account: 'btok_us_verified_accountClosed' };
  const sellers = [
    await readySeller(shop, 'ann'),
    await readySeller(shop, 'bob'),
    await readySeller(shop, 'cid', closed),
  ];
  for (const currency of ['usd', 'jpy', 'eur']) await fundPlatform(shop, FUNDS, currency);
  return {
    ...shop,
    sellers,
    sales: [],
    story: [],
    pass: async (seconds) => {
      for (let left = seconds; left > 0; left -= SLICE_SECONDS) {
        const slice = Math.min(left, SLICE_SECONDS);
        await noneUnderWay(place.sql);
        // In this order: what is signed on the way is never too old for us.
        await shop.advance(slice);
        ahead += slice * 1_000;
      }
    },
    restart: async (whileAway) => {
      shop.server.removeAllListeners('request');
      shop.server.on('request', (_request, response) => response.writeHead(503).end());
      await quittance.stop();
      await whileAway?.();
      quittance = createQuittance({ ...settingsOf(place.url, shop), ...more });
      await quittance.start();
      shop.server.removeAllListeners('request');
      shop.server.on('request', quittance.listener);
    },
    current: () => quittance,
  };
}

// A call whose answer was lost is made again after half a second, which must not be a day for Stripe.
function noneUnderWay(sql: Marketplace['sql']): Promise<boolean> {
  return until(async () => {
    const locked = await sql`select from graphile_worker._private_jobs where locked_at is not null limit 1`;
    return locked.length === 0;
  }, 'no job to be under way');
}

function settingsOf(databaseUrl: string, { url, simulator, log }: Marketplace): QuittanceOptions {
  return {
    databaseUrl,
    publicUrl: url,
    stripeWebhookSecret: WEBHOOK_SECRET,
    stripeConnectWebhookSecret: CONNECT_SECRET,
    stripeThinWebhookSecret: THIN_SECRET,
    stripeConnectClientId: CONNECT_CLIENT_ID,
    stripeSecretKey: STRIPE_KEY,
    stripeApiBase: simulator.url,
    apiKey: API_KEY,
    secret: SECRET,
    logger: log.logger,
  };
}
