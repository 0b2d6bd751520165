import type Stripe from 'stripe';
import type { Sql } from '../../src/db/sql.ts';
import type { Dispute } from '../../src/disputes/dispute.ts';
import { control } from '../simulator/support/simulator.ts';
import { CARD, pay } from './buyer.ts';
import { CATALOGUE, intentOf, orderOf, wholeOrderOf, type Ordered } from './cart.ts';
import {
  balanceOf,
  fundPlatform,
  readySeller,
  runMarketplace,
  type Marketplace,
  type TestSeller,
} from './marketplace.ts';
import { until } from './quittance.ts';
import type { StripeProxy } from './stripe-proxy.ts';

/** The bank decides on test evidence after 5 s. */
const DECISION_SECONDS = 6;
const AT_ONCE = { ...CARD, number: '4000000000000077' };
// What lets the platform give a seller money again while its own is still on its way.
const FUNDS = 1_000_000;

/** A marketplace with two sellers, whose orders can be disputed. */
export interface DisputedPlatform extends Marketplace {
  ann: TestSeller;
  bob: TestSeller;
}

/** A dispute as its own address tells it, with what it has moved. */
export type WholeDispute = Dispute & {
  movements: {
    purpose: string;
    seller: string;
    amount: { value: number; currency: string };
    status: string;
    stripe_id: string | null;
    error_code: string | null;
  }[];
};

export async function runDisputedPlatform(
  place: Parameters<typeof runMarketplace>[0],
  options: Parameters<typeof runMarketplace>[1] = {},
  proxy?: StripeProxy,
): Promise<DisputedPlatform> {
  const drain = { backoff: () => 0.05 };
  const shop = await runMarketplace(place, { products: CATALOGUE, drain, ...options }, { redirectWaitMs: 0 });
  if (proxy) proxy.target = shop.simulator.url;
  // A second shop on the same database has another Stripe, and so other accounts.
  await place.sql`update quittance.seller set reference = id where reference in ('ann', 'bob')`;
  const [ann, bob] = [await readySeller(shop, 'ann'), await readySeller(shop, 'bob')];
  for (const currency of ['usd', 'jpy']) await fundPlatform(shop, FUNDS, currency);
  return { ...shop, ann, bob };
}

/** An order that was paid, and whose money has been shared out. */
export async function paidOrder(shop: DisputedPlatform, body: unknown, card = AT_ONCE): Promise<Ordered> {
  const order = await orderOf(shop, body);
  if (!(await pay(order, card))) throw new Error('the card was declined');
  await shop.orderIn(order.order, 'fulfilled');
  return order;
}

/** Opens a dispute about an order, or a part of it, at Stripe. */
export async function disputeOrder(
  shop: Pick<DisputedPlatform, 'api' | 'stripe' | 'simulator'>,
  order: Ordered,
  body: { reason?: string; amount?: number } = {},
): Promise<string> {
  const whole = await wholeOrderOf(shop, order);
  const charge = (await intentOf(shop, whole, order.account ?? undefined)).latest_charge.id;
  const { id } = await control<{ id: string }>(shop.simulator, 'POST', `charges/${charge}/dispute`, body);
  return id;
}

/** The bank decides as the word of this evidence says. */
export async function decide(
  { stripe, advance }: Pick<Marketplace, 'stripe' | 'advance'>,
  dispute: string,
  uncategorized_text: 'winning_evidence' | 'losing_evidence' | 'escalate_inquiry_evidence',
  account?: string,
): Promise<void> {
  const options = account ? { stripeAccount: account } : undefined;
  await stripe.disputes.update(dispute, { evidence: { uncategorized_text } }, options);
  await advance(DECISION_SECONDS);
}

/** The dispute as we tell it, once it is as `is` wants it. */
export function disputeUntil(
  shop: Pick<Marketplace, 'api'>,
  id: string,
  is: (dispute: WholeDispute) => boolean,
): Promise<WholeDispute> {
  return until(async () => {
    const answer = await shop.api(`/api/disputes/${id}`);
    const dispute = answer.ok ? ((await answer.json()) as WholeDispute) : null;
    return dispute && is(dispute) && dispute;
  }, `dispute ${id}`);
}

/** Is a movement of this purpose done, for so many sellers? */
export function moved(purpose: string, times = 1): (dispute: WholeDispute) => boolean {
  return ({ movements }) =>
    movements.filter((each) => each.purpose === purpose && each.status === 'done').length === times;
}

/** What an account has, available or not. */
export async function totalOf(shop: { stripe: Stripe }, account?: string, currency = 'usd'): Promise<number> {
  const [available, pending] = (await balanceOf(shop, account))[currency] ?? [0, 0];
  return available + pending;
}

/** Who has how much more or less than at the time of the call, in minor units. */
export async function booksOf(
  shop: DisputedPlatform,
  currency = 'usd',
): Promise<() => Promise<{ platform: number; ann: number; bob: number }>> {
  const read = async (): Promise<{ platform: number; ann: number; bob: number }> => ({
    platform: await totalOf(shop, undefined, currency),
    ann: await totalOf(shop, shop.ann.account, currency),
    bob: await totalOf(shop, shop.bob.account, currency),
  });
  const then = await read();
  return async () => {
    const now = await read();
    return { platform: now.platform - then.platform, ann: now.ann - then.ann, bob: now.bob - then.bob };
  };
}

/** Stripe has told everything, and everything was worked on. */
export async function untilQuiet({ settled, sql }: Pick<Marketplace, 'settled' | 'sql'>): Promise<void> {
  await settled();
  await until(async () => (await sql`select from quittance.work`).length === 0, 'an empty work list');
}

export function alarmsOf(
  sql: Sql,
  code: string,
  subject: string,
): Promise<{ detail: string; count: number }[]> {
  return sql`select detail, count from quittance.alarm where code = ${code} and subject = ${subject}`;
}
