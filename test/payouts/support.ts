import type Stripe from 'stripe';
import { API_KEY } from '../support/quittance.ts';
import { readySeller, runMarketplace, type Marketplace, type TestSeller } from '../support/marketplace.ts';

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { code?: string; detail?: string; field?: string };
}

/** A request to the address of a seller's money, under the API key. */
export async function ask(
  { url }: { url: string },
  method: string,
  { id }: Pick<TestSeller, 'id'>,
  path: string,
  { body, key }: { body?: unknown; key?: string } = {},
): Promise<Answer> {
  const answer = await fetch(`${url}/api/connect/sellers/${id}/${path}`, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...(key ? { 'idempotency-key': key } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

export interface TimedMarketplace extends Marketplace {
  /** Moves Stripe's clock and ours. */
  pass: (seconds: number) => Promise<void>;
}

/** A marketplace whose own clock goes with Stripe's. */
export async function runTimed(
  place: Parameters<typeof runMarketplace>[0],
  options: Parameters<typeof runMarketplace>[1] = {},
): Promise<TimedMarketplace> {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const shop = await runMarketplace(place, { clock, ...options });
  return {
    ...shop,
    pass: async (seconds) => {
      // In this order: what is signed on the way is never too old for us.
      await shop.advance(seconds);
      ahead += seconds * 1000;
    },
  };
}

const MANUAL = { settings: { payouts: { schedule: { interval: 'manual' } } } } as const;
let count = 0;

/** A seller who is paid out on request only. */
export function manualSeller(
  shop: Pick<Marketplace, 'stripe' | 'sql'>,
  more: Stripe.AccountCreateParams = {},
): Promise<TestSeller> {
  return readySeller(shop, `seller-${(count += 1)}`, { ...MANUAL, ...more });
}

/** A payout as the API shows it. */
export interface Shown {
  id: string | null;
  status: string;
  movement: string;
  amount: { value: number; currency: string };
  failure: { code: string; advice: string } | null;
}

export const shown = ({ body }: Answer): Shown => body as unknown as Shown;

export async function payoutsAt(
  { stripe }: Pick<Marketplace, 'stripe'>,
  { account }: TestSeller,
): Promise<Stripe.Payout[]> {
  return (await stripe.payouts.list({ limit: 100 }, { stripeAccount: account })).data;
}

/** The states of a seller's payouts that are kept. */
export async function statusesOf({ sql }: Pick<Marketplace, 'sql'>, { id }: TestSeller): Promise<string[]> {
  const rows = await sql<{ status: string }>`select status from quittance.payout where seller = ${id}`;
  return rows.map(({ status }) => status);
}
