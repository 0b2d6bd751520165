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
} from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

/** A subscription to one price on a test clock that stands at New Year. */
async function onClock(
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

describe('a new subscription', () => {
  it('is active once its first invoice is paid', async () => {
    const { id, item } = await onClock();
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
    const { id, clock } = await onClock({}, 'pm_card_chargeCustomerFail');
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
    const { id, clock } = await onClock({ trial_period_days: 14 });
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
    const { id } = await onClock({ trial_period_days: 14 });
    const ended = await local.stripe.subscriptions.update(id, { trial_end: 'now' });
    expect(ended).toMatchObject({ status: 'active', trial_end: NEW_YEAR, billing_cycle_anchor: NEW_YEAR });
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid', total: 3_100 });
  });
});

describe('a period', () => {
  it('is followed by the next one, with an invoice that waits an hour as a draft', async () => {
    const { id, clock } = await onClock();
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
    const { id, clock, customer } = await onClock();
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
    const { id, clock, customer } = await onClock();
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

describe('a change in the middle of a period', () => {
  it('gives back what is left of the old price and asks for the new one, with the next invoice', async () => {
    const { id, item, clock } = await onClock();
    const dear = await recurringPrice(local, 6_200);
    await passTime(local, clock, NEW_YEAR + 10 * DAY);
    await local.stripe.subscriptions.update(id, { items: [{ id: item, price: dear.id }] });
    const pending = await local.stripe.invoiceItems.list({ pending: true });
    expect(pending.data.map(({ amount, proration }) => [amount, proration])).toEqual([
      [4_200, true],
      [-2_100, true],
    ]);
    expect(pending.data.map(({ description }) => description)).toEqual([
      'Remaining time on Plan at 6200 after 11 Jan 2026',
      'Unused time on Plan at 3100 after 11 Jan 2026',
    ]);
    await passTime(local, clock, NEW_YEAR + 31 * DAY + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid', total: 6_200 + 2_100 });
  });

  it('is billed at once if that is asked for, and not at all with none', async () => {
    const { id, item, clock } = await onClock();
    await passTime(local, clock, NEW_YEAR + 10 * DAY);
    await local.stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 3 }],
      proration_behavior: 'always_invoice',
    });
    const invoice = await latestInvoice(local, id);
    expect(invoice).toMatchObject({ status: 'paid', total: 4_200, billing_reason: 'subscription_update' });
    const credited = invoice.lines.data[0]?.parent?.subscription_item_details?.proration_details;
    expect(credited?.credited_items?.invoice_line_items).toHaveLength(1);
    await local.stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 9 }],
      proration_behavior: 'none',
    });
    expect((await latestInvoice(local, id)).id).toBe(invoice.id);
    expect((await local.stripe.invoiceItems.list({ pending: true })).data).toEqual([]);
  });

  it('to a yearly price and a new anchor bills the whole year, less what was paid', async () => {
    const { id, item, clock } = await onClock();
    const yearly = await recurringPrice(local, 36_500, { interval: 'year' });
    await passTime(local, clock, NEW_YEAR + 10 * DAY);
    const changed = await local.stripe.subscriptions.update(id, {
      items: [{ id: item, price: yearly.id }],
      billing_cycle_anchor: { type: 'now' },
    });
    expect(changed.billing_cycle_anchor).toBe(NEW_YEAR + 10 * DAY);
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid', total: 36_500 - 2_100 });
  });

  it('waits for its payment with pending_if_incomplete', async () => {
    const { id, item, customer } = await onClock();
    const failing = await local.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const good = idOf((await local.stripe.customers.listPaymentMethods(customer)).data.at(-1));
    await local.stripe.subscriptions.update(id, { default_payment_method: failing.id });
    const waiting = await local.stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 2 }],
      payment_behavior: 'pending_if_incomplete',
      proration_behavior: 'always_invoice',
    });
    expect(waiting.items.data[0]?.quantity).toBe(1);
    expect(waiting.pending_update?.subscription_items?.[0]?.quantity).toBe(2);
    await local.stripe.invoices.pay(idOf(waiting.latest_invoice), { payment_method: good });
    const applied = await local.stripe.subscriptions.retrieve(id);
    expect(applied).toMatchObject({ pending_update: null, status: 'active' });
    expect(applied.items.data[0]?.quantity).toBe(2);
    expect(await eventTypes(local)).toContain('customer.subscription.pending_update_applied');
  });

  it('can be looked at before it is made, and leaves no trace', async () => {
    const { id, item, clock } = await onClock();
    await passTime(local, clock, NEW_YEAR + 10 * DAY);
    const before = await eventTypes(local);
    const preview = await local.stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { items: [{ id: item, quantity: 2 }], proration_behavior: 'always_invoice' },
    });
    expect(preview).toMatchObject({ total: 2_100, status: 'draft', number: null });
    const next = await local.stripe.invoices.createPreview({ subscription: id });
    expect(next).toMatchObject({ total: 3_100, period_end: NEW_YEAR + 31 * DAY });
    expect(await eventTypes(local)).toEqual(before);
    expect((await local.stripe.subscriptions.retrieve(id)).items.data[0]?.quantity).toBe(1);
  });

  it('adds and removes items', async () => {
    const { id, item } = await onClock();
    const other = await recurringPrice(local, 500);
    const added = await local.stripe.subscriptionItems.create({
      subscription: id,
      price: other.id,
      quantity: 4,
    });
    expect((await local.stripe.subscriptionItems.list({ subscription: id })).data).toHaveLength(2);
    await local.stripe.subscriptionItems.update(added.id, { quantity: 5 });
    expect(await local.stripe.subscriptionItems.del(item)).toMatchObject({ deleted: true });
    const { items } = await local.stripe.subscriptions.retrieve(id);
    expect(items.data.map(({ quantity }) => quantity)).toEqual([5]);
    expect((await refusal(local.stripe.subscriptionItems.del(added.id))).statusCode).toBe(400);
  });
});

describe('the end of a subscription', () => {
  it('comes at once, or at the end of the period', async () => {
    const { id, clock } = await onClock();
    const planned = await local.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(planned).toMatchObject({
      cancel_at: NEW_YEAR + 31 * DAY,
      canceled_at: NEW_YEAR,
      status: 'active',
    });
    await local.stripe.subscriptions.update(id, { cancel_at_period_end: false });
    expect((await local.stripe.subscriptions.retrieve(id)).canceled_at).toBeNull();
    await local.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await passTime(local, clock, NEW_YEAR + 31 * DAY);
    const ended = await local.stripe.subscriptions.retrieve(id);
    expect(ended).toMatchObject({ status: 'canceled', ended_at: NEW_YEAR + 31 * DAY });
    expect((await local.stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    expect((await eventTypes(local)).filter((type) => type.endsWith('.deleted'))).toEqual([
      'customer.subscription.deleted',
    ]);
    expect((await refusal(local.stripe.subscriptions.cancel(id))).statusCode).toBe(404);
  });

  it('hides it from lists that do not ask for it', async () => {
    const { id, customer } = await onClock();
    const canceled = await local.stripe.subscriptions.cancel(id, {
      cancellation_details: { comment: 'Enough' },
    });
    expect(canceled.cancellation_details).toMatchObject({
      comment: 'Enough',
      reason: 'cancellation_requested',
    });
    expect((await local.stripe.subscriptions.list({ customer })).data).toEqual([]);
    expect((await local.stripe.subscriptions.list({ customer, status: 'canceled' })).data).toHaveLength(1);
  });

  it('comes with that of its customer', async () => {
    const { id, customer } = await onClock();
    await local.stripe.customers.del(customer);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });
});

describe('a pause', () => {
  it('of the collection makes invoices that nobody has to pay', async () => {
    const { id, clock } = await onClock();
    const resumes_at = NEW_YEAR + 40 * DAY;
    await local.stripe.subscriptions.update(id, { pause_collection: { behavior: 'void', resumes_at } });
    await passTime(local, clock, NEW_YEAR + 31 * DAY + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'void' });
    await passTime(local, clock, resumes_at);
    expect((await local.stripe.subscriptions.retrieve(id)).pause_collection).toBeNull();
    await passTime(local, clock, NEW_YEAR + 59 * DAY + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid' });
  });

  it('of the subscription stops its periods until it is resumed', async () => {
    const { id, clock } = await onClock();
    expect((await local.stripe.subscriptions.pause(id)).status).toBe('paused');
    await passTime(local, clock, NEW_YEAR + 45 * DAY);
    expect((await local.stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    const resumed = await local.stripe.subscriptions.resume(id);
    expect(resumed).toMatchObject({ status: 'active', billing_cycle_anchor: NEW_YEAR + 45 * DAY });
    expect(await latestInvoice(local, id)).toMatchObject({ status: 'paid', total: 3_100 });
    const types = await eventTypes(local, 'customer.subscription');
    expect(types).toContain('customer.subscription.paused');
    expect(types).toContain('customer.subscription.resumed');
  });
});

describe('a discount', () => {
  it('for one invoice is gone with the next one, one for three months later', async () => {
    const once = await local.stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const three = await local.stripe.coupons.create({
      amount_off: 100,
      currency: 'usd',
      duration: 'repeating',
      duration_in_months: 2,
    });
    const code = await local.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: three.id },
      code: 'SAVE',
    });
    const { id, clock } = await onClock({ discounts: [{ coupon: once.id }, { promotion_code: code.id }] });
    const totals = [(await latestInvoice(local, id)).total];
    for (const end of [31, 59, 90]) {
      await passTime(local, clock, NEW_YEAR + end * DAY);
      totals.push((await latestInvoice(local, id)).total);
    }
    expect(totals).toEqual([1_450, 3_000, 3_100, 3_100]);
    expect(await local.stripe.coupons.retrieve(once.id)).toMatchObject({ times_redeemed: 1 });
  });
});
