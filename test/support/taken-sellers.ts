import type { Seller, SellerStatus } from '../../src/connect/seller.ts';
import type { Marketplace } from './marketplace.ts';
import { control } from '../simulator/support/simulator.ts';
import { until } from './quittance.ts';
import { stripeCalls, type StripeCall } from './stripe-log.ts';

/** Somebody to take on. */
export const ANN = {
  reference: 'owner-17',
  email: 'ann@example.com',
  country: 'US',
  individual: { first_name: 'Ann', last_name: 'Lee', dob: { day: 2, month: 3, year: 1980 } },
};

export interface Answer {
  status: number;
  seller: Seller;
  url: string | null;
  expires_at: string | null;
  code?: string;
  field?: string;
  detail?: string;
}

/** Posts to the API of sellers, to take one on unless told otherwise. */
export async function take(
  market: Pick<Marketplace, 'api'>,
  body: unknown,
  path = '/api/connect/sellers',
): Promise<Answer> {
  const answer = await market.api(path, { method: 'POST', body: JSON.stringify(body) });
  return { ...((await answer.json()) as Answer), status: answer.status };
}

/** The calls that make accounts. */
export const makings = (
  { simulator }: Pick<Marketplace, 'simulator'>,
  path = '/v2/core/accounts',
): Promise<StripeCall[]> => stripeCalls(simulator, `POST ${path}`);

/** All connected accounts at Stripe. */
export async function accountsOf({ stripe }: Pick<Marketplace, 'stripe'>): Promise<string[]> {
  return (await stripe.accounts.list({ limit: 100 })).data.map(({ id }) => id);
}

export async function sellerOf(
  market: Pick<Marketplace, 'api'>,
  { id }: Pick<Seller, 'id'>,
): Promise<Seller> {
  return (await (await market.api(`/api/connect/sellers/${id}`)).json()) as Seller;
}

/** Resolves when the seller has this status. */
export function becomes(
  market: Pick<Marketplace, 'api'>,
  seller: Pick<Seller, 'id'>,
  status: SellerStatus,
): Promise<Seller> {
  return until(async () => {
    const now = await sellerOf(market, seller);
    return now.status === status && now;
  }, `seller ${seller.id} to be ${status}`);
}

/** The seller that is taken on. */
export async function taken(market: Pick<Marketplace, 'api'>, body: unknown): Promise<Seller> {
  return (await take(market, body)).seller;
}

/** Answers everything that Stripe asks of the seller. */
export function onboard(
  { simulator }: Pick<Marketplace, 'simulator'>,
  { account }: Pick<Seller, 'account'>,
): Promise<unknown> {
  return control(simulator, 'POST', `accounts/${account}/onboard`, {});
}

/** Everything that Stripe told was worked on. */
export async function worked({ settled, sql }: Pick<Marketplace, 'settled' | 'sql'>): Promise<void> {
  await settled();
  await until(async () => {
    const rows = await sql`select from quittance.work limit 1`;
    return rows.length === 0;
  }, 'the work list to be empty');
}

/** How often Stripe was asked for what begins with this path. */
export async function readsOf(market: Pick<Marketplace, 'simulator'>, path: string): Promise<number> {
  return (await stripeCalls(market.simulator, `GET ${path}`)).length;
}
