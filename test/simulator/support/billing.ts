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

/** A subscription to one price on a test clock that stands at New Year. */
export async function subscribeOnClock(
  local: Local,
  more: Partial<Stripe.SubscriptionCreateParams> = {},
  card = 'pm_card_visa',
): Promise<{ id: string; item: string; clock: string; price: string; customer: string }> {
  const clock = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
  const customer = await payingCustomer(local, card, { test_clock: clock.id });
  const price = await recurringPrice(local, 3_100);
  const { id, items } = await local.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    ...more,
  });
  return { id, item: items.data[0]?.id ?? '', clock: clock.id, price: price.id, customer: customer.id };
}

/** A draft invoice with one item. */
export async function draftInvoice({ stripe }: Local, customer: string, amount = 2_000): Promise<string> {
  await stripe.invoiceItems.create({ customer, amount, currency: 'usd', description: 'Setup' });
  const { id } = await stripe.invoices.create({
    customer,
    pending_invoice_items_behavior: 'include',
  });
  return id;
}

/** A customer who can pay, on a test clock that stands at New Year. */
export async function clockAndCustomer(local: Local): Promise<{ clock: string; customer: string }> {
  const { id: clock } = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
  const { id: customer } = await payingCustomer(local, 'pm_card_visa', { test_clock: clock });
  return { clock, customer };
}
