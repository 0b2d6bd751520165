import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { RECONCILE_LOCK } from '../../src/events/reconcile-rows.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { makeEvent } from './events.ts';
import { postWebhook } from './quittance.ts';
import { runShop, STRIPE_KEY, type Shop } from './shop.ts';

/** Payment methods by what becomes of them; the numbers are Stripe's published test numbers. */
export const CARD = {
  method: 'card',
  number: '4242424242424242',
  expiry: '12/34',
  cvc: '123',
  postal: '12345',
};
export const DECLINED = { ...CARD, number: '4000000000000002' };
export const DEBIT_PAYS = { method: 'sepa_debit', iban: 'DE89370400440532013000' };
export const DEBIT_FAILS = { method: 'sepa_debit', iban: 'DE62370400440532013001' };
const DEBIT_SECONDS = 10;

/** Two products, one for cards and one that may be paid by debit. */
const PRODUCTS = [
  { id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' },
  { id: 'tea', name: 'Tea', price: 420, currency: 'eur' },
];

export interface Link {
  order: string;
  url: string;
  session: string;
}

/** A shop with these products that hears nothing from Stripe by itself: `deliverTo` tells it. */
export async function runDeafShop(...[place, options]: Parameters<typeof runShop>): Promise<Shop> {
  await holdReconciler(place.url);
  const drain = { backoff: () => 0.05 };
  const shop = await runShop(place, { products: PRODUCTS, drain, ...options }, { redirectWaitMs: 0 });
  shop.simulator.faults.add({ kind: 'drop' });
  return shop;
}

/** Keeps every process of this database from reading Stripe's list of events until the test ends. */
async function holdReconciler(url: string): Promise<void> {
  const database = openDatabase({ url, connectionsMax: 1, applicationName: 'test hold' });
  const connection = await database.connect();
  await connection.query('select pg_advisory_lock_shared($1)', [RECONCILE_LOCK]);
  onTestFinished(async () => {
    connection.release(true);
    await database.close();
  });
}

/** Stripe's client for a simulator. */
export function stripeOf({ host, port }: Pick<Simulator, 'host' | 'port'>): Stripe {
  return new Stripe(STRIPE_KEY, { host, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });
}

/** Asks the shop for a payment link. */
export async function orderFrom(
  shop: Pick<Shop, 'url'>,
  { id = 'coffee', quantity = 1, key }: { id?: string; quantity?: number; key?: string } = {},
): Promise<Response> {
  return fetch(`${shop.url}/api/create-payment-link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
    body: JSON.stringify({ id, quantity }),
  });
}

/** The link of a new order. */
export async function linkFrom(
  shop: Pick<Shop, 'url'>,
  what: Parameters<typeof orderFrom>[1] = {},
): Promise<Link> {
  const answer = await orderFrom(shop, what);
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`no link: ${answer.status} ${text}`);
  const { data } = JSON.parse(text) as { data: { url: string; order_id: string } };
  const session = /\/c\/pay\/([^/?#]+)/.exec(data.url)?.[1] ?? '';
  return { order: data.order_id, url: data.url, session };
}

/** Fills in Checkout's page and sends it; says whether the buyer was sent on. */
export async function pay(
  { url }: Pick<Link, 'url'>,
  method: Record<string, string> = CARD,
): Promise<boolean> {
  const form = new URLSearchParams({
    email: 'ann@example.com',
    name: 'Ann Example',
    country: 'US',
    ...method,
  });
  const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  return answer.status >= 300 && answer.status < 400;
}

/** Lets debits come to their end. */
export async function untilDebited(shop: Shop): Promise<void> {
  await shop.simulator.clock.advance(DEBIT_SECONDS);
}

/** The events Stripe has of these types, oldest first. */
async function stripeEvents(shop: Shop, ...types: string[]): Promise<Stripe.Event[]> {
  const all = await stripeOf(shop.simulator).events.list({ limit: 100 });
  return all.data.toReversed().filter(({ type }) => types.length === 0 || types.includes(type));
}

/** The events of one order: of its session, its intent and its charge. */
export async function eventsOf(shop: Shop, link: Link, ...types: string[]): Promise<Stripe.Event[]> {
  return (await stripeEvents(shop, ...types)).filter((event) => JSON.stringify(event).includes(link.order));
}

/** Delivers events of Stripe, in this order, each after the answer to the one before. */
export async function deliverTo(shop: Pick<Shop, 'url'>, ...events: Stripe.Event[]): Promise<void> {
  for (const event of events) {
    const answer = await postWebhook(shop.url, event);
    if (answer.status !== 200) throw new Error(`${event.id} was not accepted: ${answer.status}`);
  }
}

/** The same change under another event id. */
export function copyOf(event: Stripe.Event): Stripe.Event {
  return { ...event, id: makeEvent().id };
}

/** The buyer's browser at the success page. */
export function visitSuccess(shop: Pick<Shop, 'url'>, { session }: Pick<Link, 'session'>): Promise<Response> {
  return fetch(`${shop.url}/payment/success?session_id=${session}`);
}
