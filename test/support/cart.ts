import type Stripe from 'stripe';
import type { ProductInput } from '../../src/orders/products.ts';
import type { Link } from './buyer.ts';
import type { Marketplace } from './marketplace.ts';
import type { Shop } from './shop.ts';

/** What the platform of these tests sells: its own, for one seller in each way, and for whoever is named. */
export const CATALOGUE: ProductInput[] = [
  { id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' },
  { id: 'cabin', name: 'Cabin', price: 10_000, currency: 'usd', seller: 'ann', fee: { percent: 10 } },
  {
    id: 'boat',
    name: 'Boat',
    price: 5_005,
    currency: 'usd',
    seller: 'bob',
    fee: { percent: '2.5', fixed: 30 },
  },
  {
    id: 'tent',
    name: 'Tent',
    price: 2_000,
    currency: 'usd',
    seller: 'bob',
    charge: 'direct',
    fee: { fixed: 150 },
  },
  { id: 'bath', name: '銭湯', price: 333, currency: 'jpy', seller: 'ann', fee: { percent: 0.5 } },
  { id: 'hat', name: 'Hat', price: 900, currency: 'usd', seller: 'ann', on_behalf_of: true },
  { id: 'room', name: 'Room', price: 8_000, currency: 'usd', fee: { percent: 12 } },
];

/** An order made by the platform's own program. */
export interface Ordered extends Link {
  token: string;
  clientSecret: string | null;
  account: string | null;
}

/** Asks for an order under the API key. */
export function askOrder(shop: Pick<Shop, 'api'>, body: unknown): Promise<Response> {
  return shop.api('/api/orders', { method: 'POST', body: JSON.stringify(body) });
}

/** Makes an order under the API key. */
export async function orderOf(shop: Pick<Shop, 'api'>, body: unknown): Promise<Ordered> {
  const answer = await askOrder(shop, body);
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`no order: ${answer.status} ${text}`);
  const made = JSON.parse(text) as {
    url: string;
    client_secret?: string;
    stripe_account: string | null;
    order: { id: string; checkout_session: string };
    order_token: string;
  };
  return {
    order: made.order.id,
    url: made.url,
    session: made.order.checkout_session,
    token: made.order_token,
    clientSecret: made.client_secret ?? null,
    account: made.stripe_account,
  };
}

/** Everything of an order as its own API tells the platform. */
export async function wholeOrderOf(shop: Pick<Shop, 'api'>, { order }: Pick<Link, 'order'>): Promise<Whole> {
  return (await (await shop.api(`/api/orders/${order}`)).json()) as Whole;
}

export interface Whole {
  status: string;
  charge_type: string;
  destination: string | null;
  fee: number;
  refunded: number;
  charge: string | null;
  payment_intent: string | null;
  problem: string | null;
}

export interface ShareRow {
  reference: string;
  amount: number;
  fee: number;
  transfer: string | null;
  withheld: number;
}

/** The sellers' parts of an order, by their references. */
export function sharesOf(
  { sql }: Pick<Marketplace, 'sql'>,
  { order }: Pick<Link, 'order'>,
): Promise<ShareRow[]> {
  return sql<ShareRow>`
    select reference, amount, fee, transfer, withheld
    from quittance.order_share join quittance.seller on id = seller
    where order_id = ${order} order by reference`;
}

/** The payment of an order at Stripe. */
export async function intentOf(
  { stripe }: Pick<Marketplace, 'stripe'>,
  whole: Whole,
  account?: string,
): Promise<Stripe.PaymentIntent & { latest_charge: Stripe.Charge }> {
  const intent = await stripe.paymentIntents.retrieve(
    whole.payment_intent ?? '',
    { expand: ['latest_charge.transfer'] },
    account ? { stripeAccount: account } : undefined,
  );
  return intent as Stripe.PaymentIntent & { latest_charge: Stripe.Charge };
}
