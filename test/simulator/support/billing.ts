import type Stripe from 'stripe';
import type { Local } from './simulator.ts';

export const DAY = 24 * 3600;
export const HOUR = 3600;

/** 1 January 2026, 00:00 UTC: a month of 31 days is easy to count with. */
export const NEW_YEAR = 1_767_225_600;

const POLL_MS = 5;
const POLLS_MAX = 1_000;

/** Moves a test clock on and waits until Stripe says that it is ready. */
export async function passTime(local: Local, clock: string, until: number): Promise<void> {
  await local.stripe.testHelpers.testClocks.advance(clock, { frozen_time: until });
  await untilReady(local, clock);
}

/** Asks, as everybody has to, until the test clock is ready. */
export async function untilReady({ stripe }: Local, clock: string): Promise<void> {
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock);
    if (status === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the test clock did not become ready');
}

/** A customer who pays with this card, on a test clock if one is named. */
export function payingCustomer(
  { stripe }: Local,
  card = 'pm_card_visa',
  more: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Customer> {
  const params = { email: 'ada@example.com', payment_method: card, ...more };
  return stripe.customers.create({ ...params, invoice_settings: { default_payment_method: card } });
}

/** A price that recurs, every month if nothing else is said. */
export function recurringPrice(
  { stripe }: Local,
  unit_amount: number,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
): Promise<Stripe.Price> {
  return stripe.prices.create({
    currency: 'usd',
    unit_amount,
    recurring,
    product_data: { name: `Plan at ${unit_amount}` },
  });
}

/** The types of the events so far, oldest first, without those of the catalogue. */
export async function eventTypes({ stripe }: Local, prefix = ''): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of stripe.events.list({ limit: 100 })) types.push(type);
  return types
    .toReversed()
    .filter((type) => type.startsWith(prefix) && !/^(product|price|plan)\./.test(type));
}

/** The latest invoice of a subscription as it is now. */
export async function latestInvoice({ stripe }: Local, subscription: string): Promise<Stripe.Invoice> {
  const { latest_invoice: latest } = await stripe.subscriptions.retrieve(subscription, {
    expand: ['latest_invoice.payments'],
  });
  return latest as Stripe.Invoice;
}
