import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  NEW_YEAR,
  eventTypes,
  latestInvoice,
  passTime,
  payingCustomer,
  recurringPrice,
  subscribeOnClock,
} from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a new subscription', () => {
  it('is active once its first invoice is paid', async () => {
    const { id, item } = await subscribeOnClock(local);
    const subscription = await local.stripe.subscriptions.retrieve(id);
    expect(subscription).toMatchObject({
      status: 'active',
      billing_mode: { type: 'flexible' },
      currency: 'usd',
    });
    expect(subscription.items.data[0]).toMatchObject({
      id: item,
      quantity: 1,
      current_period_start: NEW_YEAR,
      current_period_end: NEW_YEAR + 31 * DAY,
    });
    const invoice = await latestInvoice(local, id);
    expect(invoice).toMatchObject({ status: 'paid', total: 3_100, billing_reason: 'subscription_create' });
    expect(invoice.parent?.subscription_details?.subscription).toBe(id);
    expect(invoice.lines.data[0]?.description).toBe('1 × Plan at 3100 (at $31.00 / month)');
    const types = await eventTypes(local);
    expect(types.slice(types.indexOf('invoice.created'))).toEqual([
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'customer.subscription.created',
    ]);
  });

  it('needs something to be paid with, unless the buyer is to pay later', async () => {
    const { id: customer } = await local.stripe.customers.create();
    const { id: price } = await recurringPrice(local, 900);
    const params = { customer, items: [{ price }] };
    expect(await refusal(local.stripe.subscriptions.create(params))).toMatchObject({
      code: 'resource_missing',
      statusCode: 400,
    });
    const waiting = await local.stripe.subscriptions.create({
      ...params,
      payment_behavior: 'default_incomplete',
      payment_settings: { save_default_payment_method: 'on_subscription' },
      expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments'],
    });
    expect(waiting.status).toBe('incomplete');
    const invoice = waiting.latest_invoice as Stripe.Invoice;
    const secret = invoice.confirmation_secret?.client_secret ?? '';
    const intent = secret.split('_secret_')[0] ?? '';
    await local.stripe.paymentIntents.confirm(intent, {
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example',
    });
    const active = await local.stripe.subscriptions.retrieve(waiting.id);
    expect(active.status).toBe('active');
    expect(active.default_payment_method).toMatch(/^pm_/);
    expect(await eventTypes(local, 'customer.subscription')).toEqual([
      'customer.subscription.created',
      'customer.subscription.updated',
    ]);
  });

  it('is incomplete after a declined card, or does not come about at all if that is asked for', async () => {
    const { id: customer } = await payingCustomer(local, 'pm_card_chargeCustomerFail');
    const { id: price } = await recurringPrice(local, 900);
    const params = { customer, items: [{ price }] };
    const refused = await refusal(
      local.stripe.subscriptions.create({ ...params, payment_behavior: 'error_if_incomplete' }),
    );
    expect(refused).toMatchObject({ code: 'card_declined', statusCode: 402 });
    expect((await local.stripe.subscriptions.list({ customer, status: 'all' })).data).toEqual([]);
    expect((await local.stripe.subscriptions.create(params)).status).toBe('incomplete');
  });

  it('expires when nobody paid for it within 23 hours', async () => {
    const { id, clock } = await subscribeOnClock(local, {}, 'pm_card_chargeCustomerFail');
    const invoice = (await latestInvoice(local, id)).id;
    await passTime(local, clock, NEW_YEAR + 23 * HOUR - 1);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('incomplete');
    await passTime(local, clock, NEW_YEAR + 23 * HOUR);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('incomplete_expired');
    expect((await local.stripe.invoices.retrieve(invoice)).status).toBe('void');
  });

  it('refuses one-time prices, unknown prices and two currencies', async () => {
    const { id: customer } = await payingCustomer(local);
    const monthly = await recurringPrice(local, 900);
    const once = await local.stripe.prices.create({
      currency: 'usd',
      unit_amount: 5,
      product: idOf(monthly.product),
    });
    const euro = await local.stripe.prices.create({
      currency: 'eur',
      unit_amount: 500,
      recurring: { interval: 'month' },
      product: idOf(monthly.product),
    });
    const create = (...prices: string[]) =>
      refusal(local.stripe.subscriptions.create({ customer, items: prices.map((price) => ({ price })) }));
    expect((await create('price_unknown')).message).toBe("No such price: 'price_unknown'");
    expect((await create(once.id)).message).toMatch(/only accepts prices with `type=recurring`/);
    expect((await create(monthly.id, euro.id)).statusCode).toBe(400);
    expect((await create()).param).toBe('items');
  });
});

describe('a trial', () => {
  it('costs nothing, is announced to end three days before, and is paid for then', async () => {
    const { id, clock } = await subscribeOnClock(local, { trial_period_days: 14 });
    const trial = await local.stripe.subscriptions.retrieve(id);
    const end = NEW_YEAR + 14 * DAY;
    expect(trial).toMatchObject({ status: 'trialing', trial_end: end, billing_cycle_anchor: end });
    const free = await latestInvoice(local, id);
    expect(free).toMatchObject({ status: 'paid', total: 0, attempt_count: 0 });
    expect(free.lines.data[0]?.description).toBe('Free trial for 1 × Plan at 3100');
    await passTime(local, clock, NEW_YEAR + 11 * DAY - 1);
    expect(await eventTypes(local)).not.toContain('customer.subscription.trial_will_end');
    await passTime(local, clock, NEW_YEAR + 11 * DAY);
    expect(await eventTypes(local)).toContain('customer.subscription.trial_will_end');
    await passTime(local, clock, end);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('active');
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'draft', total: 3_100 });
    await passTime(local, clock, end + HOUR);
    expect((await latestInvoice(local, id)).status).toBe('paid');
  });

  it('pauses or cancels where there is nothing to be paid with, if that is wanted', async () => {
    const { id: price } = await recurringPrice(local, 900);
    const outcomes: string[] = [];
    for (const behaviour of ['pause', 'cancel', 'create_invoice'] as const) {
      const clock = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
      const { id: customer } = await local.stripe.customers.create({ test_clock: clock.id });
      const { id } = await local.stripe.subscriptions.create({
        customer,
        items: [{ price }],
        trial_period_days: 2,
        trial_settings: { end_behavior: { missing_payment_method: behaviour } },
      });
      await passTime(local, clock.id, NEW_YEAR + 2 * DAY + HOUR);
      outcomes.push((await local.stripe.subscriptions.retrieve(id)).status);
    }
    expect(outcomes).toEqual(['paused', 'canceled', 'past_due']);
  });

  it('can be ended at once', async () => {
    const { id } = await subscribeOnClock(local, { trial_period_days: 14 });
    const ended = await local.stripe.subscriptions.update(id, { trial_end: 'now' });
    expect(ended).toMatchObject({ status: 'active', trial_end: NEW_YEAR, billing_cycle_anchor: NEW_YEAR });
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid', total: 3_100 });
  });
});

describe('a period', () => {
  it('is followed by the next one, with an invoice that waits an hour as a draft', async () => {
    const { id, clock } = await subscribeOnClock(local);
    const end = NEW_YEAR + 31 * DAY;
    await passTime(local, clock, end - 7 * DAY - 1);
    expect(await eventTypes(local)).not.toContain('invoice.upcoming');
    await passTime(local, clock, end);
    expect(await eventTypes(local)).toContain('invoice.upcoming');
    const draft = await latestInvoice(local, id);
    expect(draft).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle', period_end: end });
    await passTime(local, clock, end + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ id: draft.id, status: 'paid', total: 3_100 });
    const { items } = await local.stripe.subscriptions.retrieve(id);
    expect(items.data[0]).toMatchObject({ current_period_start: end, current_period_end: end + 28 * DAY });
  });

  it('keeps the day of the month, and takes the last one where a month is too short', async () => {
    const clock = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR + 30 * DAY });
    const { id: customer } = await payingCustomer(local, 'pm_card_visa', { test_clock: clock.id });
    const { id: price } = await recurringPrice(local, 900);
    const { id } = await local.stripe.subscriptions.create({ customer, items: [{ price }] });
    const days: string[] = [];
    for (let month = 0; month < 3; month += 1) {
      const { items } = await local.stripe.subscriptions.retrieve(id);
      const end = items.data[0]?.current_period_end ?? 0;
      days.push(new Date(end * 1000).toISOString().slice(0, 10));
      await passTime(local, clock.id, end);
    }
    expect(days).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
  });

  it('that is not paid is tried again three times, and then the subscription ends', async () => {
    const { id, clock, customer } = await subscribeOnClock(local);
    const failing = await local.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await local.stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: failing.id },
    });
    const end = NEW_YEAR + 31 * DAY;
    await passTime(local, clock, end + HOUR);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('past_due');
    expect(await latestInvoice(local, id)).toMatchObject({
      attempt_count: 1,
      next_payment_attempt: end + HOUR + 3 * DAY,
      status: 'open',
    });
    await passTime(local, clock, end + HOUR + 8 * DAY);
    expect((await latestInvoice(local, id)).attempt_count).toBe(3);
    await passTime(local, clock, end + HOUR + 15 * DAY);
    const ended = await local.stripe.subscriptions.retrieve(id);
    expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } });
    const failed = (await eventTypes(local)).filter((type) => type === 'invoice.payment_failed');
    expect(failed).toHaveLength(4);
  });

  it('that is paid at the second try makes the subscription active again', async () => {
    const { id, clock, customer } = await subscribeOnClock(local);
    const good = idOf((await local.stripe.customers.listPaymentMethods(customer)).data[0]);
    const failing = await local.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const pay = (method: string) =>
      local.stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } });
    await pay(failing.id);
    await passTime(local, clock, NEW_YEAR + 31 * DAY + HOUR);
    expect(await local.stripe.customers.retrieve(customer)).toMatchObject({ delinquent: true });
    await pay(good);
    await passTime(local, clock, NEW_YEAR + 34 * DAY + HOUR);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('active');
    expect(await local.stripe.customers.retrieve(customer)).toMatchObject({ delinquent: false });
  });
});
