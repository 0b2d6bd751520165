import type Stripe from 'stripe';
import { expect, it } from 'vitest';
import { DAY, HOUR, NEW_YEAR, passTime, payingCustomer, recurringPrice } from './support/billing.ts';
import { seededChoices, tryStep, type Choices } from './support/chance.ts';
import { idOf, useSimulator } from './support/simulator.ts';

const local = useSimulator({ seed: 'billing' });
const STEPS = 30;

interface Walk {
  choices: Choices;
  clock: string;
  customer: string;
  cards: string[];
  prices: string[];
  coupons: string[];
  now: number;
}

/** What may happen to a customer's billing, in any order; what Stripe refuses has not happened. */
const STEPS_OF_A_WALK: readonly ((walk: Walk) => Promise<unknown>)[] = [
  ({ choices, customer, prices, coupons }) =>
    local.stripe.subscriptions.create({
      customer,
      items: [{ price: choices.one(prices), quantity: choices.upTo(5) }],
      ...(choices.sometimes() && { trial_period_days: choices.upTo(6) }),
      ...(choices.sometimes() && { discounts: [{ coupon: choices.one(coupons) }] }),
      ...(choices.sometimes() && { collection_method: 'send_invoice', days_until_due: 3 }),
      ...(choices.sometimes() && { billing_mode: { type: 'classic' } }),
    }),
  async ({ choices, customer, prices }) => {
    const { id, items } = await subscriptionOf(choices, customer);
    const item = { id: items.data[0]?.id ?? '', price: choices.one(prices), quantity: choices.upTo(5) };
    return local.stripe.subscriptions.update(id, {
      items: [item],
      proration_behavior: choices.one(['none', 'always_invoice', 'create_prorations']),
      ...(choices.sometimes() && { payment_behavior: 'pending_if_incomplete' }),
    });
  },
  async ({ choices, customer }) => {
    const { id } = await subscriptionOf(choices, customer);
    if (choices.sometimes())
      return local.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    const behavior = choices.one(['void', 'keep_as_draft', 'mark_uncollectible'] as const);
    return local.stripe.subscriptions.update(id, { pause_collection: { behavior } });
  },
  async ({ choices, customer, now }) => {
    const { id } = await subscriptionOf(choices, customer);
    return local.stripe.subscriptions.update(id, { trial_end: choices.one(['now', now + 2 * DAY]) });
  },
  ({ choices, customer, cards }) => {
    const invoice_settings = { default_payment_method: choices.one(cards) };
    return local.stripe.customers.update(customer, { invoice_settings });
  },
  ({ choices, customer }) =>
    local.stripe.customers.createBalanceTransaction(customer, {
      amount: 700 - choices.upTo(1_500),
      currency: 'usd',
    }),
  async ({ choices, customer, cards }) => {
    const { data } = await local.stripe.invoices.list({ customer });
    const { id, status, total } = choices.one(data);
    if (status === 'paid')
      return local.stripe.creditNotes.create({
        invoice: id,
        credit_amount: choices.upTo(Math.max(1, total)),
      });
    if (choices.sometimes()) return local.stripe.invoices.voidInvoice(id);
    return local.stripe.invoices.pay(id, { payment_method: choices.one(cards) });
  },
  pass,
  pass,
  pass,
];

async function pass(walk: Walk): Promise<void> {
  const { choices, clock } = walk;
  const later = walk.now + choices.one([HOUR, DAY, 5 * DAY, 12 * DAY]);
  await passTime(local, clock, later);
  walk.now = later;
}

async function subscriptionOf(choices: Choices, customer: string): Promise<Stripe.Subscription> {
  return choices.one((await local.stripe.subscriptions.list({ customer })).data);
}

async function begin(seed: number): Promise<Walk> {
  const { id: clock } = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
  const { id: customer } = await payingCustomer(local, 'pm_card_visa', { test_clock: clock });
  const good = idOf((await local.stripe.customers.listPaymentMethods(customer)).data[0]);
  const bad = await local.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const prices = [
    await recurringPrice(local, 1_000),
    await recurringPrice(local, 3_700),
    await recurringPrice(local, 900, { interval: 'week' }),
  ];
  const coupons = [
    await local.stripe.coupons.create({ percent_off: 33, duration: 'repeating', duration_in_months: 1 }),
    await local.stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'once' }),
  ];
  const ids = { prices: prices.map(({ id }) => id), coupons: coupons.map(({ id }) => id) };
  return {
    choices: seededChoices(seed),
    clock,
    customer,
    cards: [good, good, bad.id],
    ...ids,
    now: NEW_YEAR,
  };
}

async function invoicesAddUp(customer: string): Promise<void> {
  const wrong: string[] = [];
  for await (const { id, lines, status, ...sums } of local.stripe.invoices.list({ customer, limit: 100 })) {
    const net = lines.data.map(({ amount, discount_amounts: off }) =>
      (off ?? []).reduce((left, each) => left - each.amount, amount),
    );
    const total = net.reduce((sum, amount) => sum + amount, 0);
    if (!lines.has_more && sums.total !== total) wrong.push(`${id}: ${sums.total} is not ${total}`);
    const left = sums.amount_remaining;
    if (left < 0 || left !== sums.amount_due - sums.amount_paid) wrong.push(`${id}: ${left} is left`);
    if (status === 'paid' && left !== 0) wrong.push(`${id} is paid, but ${left} is left`);
  }
  expect(wrong).toEqual([]);
}

async function balanceAddsUp(customer: string): Promise<void> {
  let sum = 0;
  for await (const { amount } of local.stripe.customers.listBalanceTransactions(customer, { limit: 100 }))
    sum += amount;
  expect(await local.stripe.customers.retrieve(customer)).toMatchObject({ balance: sum });
}

async function periodsHold(customer: string, now: number): Promise<void> {
  const { data } = await local.stripe.subscriptions.list({ customer, limit: 100 });
  for (const { items } of data.filter((each) => each.status !== 'incomplete' && each.status !== 'paused'))
    for (const item of items.data) {
      expect(item.current_period_start).toBeLessThanOrEqual(now);
      expect(item.current_period_end).toBeGreaterThan(now);
    }
}

/** Whoever only listens to events knows the same as whoever asks. */
async function eventsTellAll(): Promise<void> {
  const latest = new Map<string, Stripe.Subscription | Stripe.Invoice>();
  for await (const { type, data } of local.stripe.events.list({ limit: 100 })) {
    const object = data.object as Stripe.Subscription | Stripe.Invoice;
    const known = object.object === 'subscription' || object.object === 'invoice';
    if (known && type !== 'invoice.upcoming' && !latest.has(object.id)) latest.set(object.id, object);
  }
  // A walk on which nothing happened would prove nothing.
  expect(latest.size).toBeGreaterThan(2);
  for (const [id, told] of latest) {
    const { subscriptions, invoices } = local.stripe;
    const asked = await (told.object === 'invoice' ? invoices.retrieve(id) : subscriptions.retrieve(id));
    expect(JSON.parse(JSON.stringify(told))).toEqual(JSON.parse(JSON.stringify(asked)));
  }
}

it.each([1, 2, 3, 4])('billing adds up, and is told, on walk %i', async (seed) => {
  const walk = await begin(seed);
  await STEPS_OF_A_WALK[0]?.(walk);
  for (let step = 0; step < STEPS; step += 1) {
    await tryStep(async () => walk.choices.one(STEPS_OF_A_WALK)(walk));
    await invoicesAddUp(walk.customer);
    await balanceAddsUp(walk.customer);
    await periodsHold(walk.customer, walk.now);
  }
  await eventsTellAll();
});
