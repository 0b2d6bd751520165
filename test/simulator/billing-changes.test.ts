import { describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  NEW_YEAR,
  eventTypes,
  latestInvoice,
  passTime,
  recurringPrice,
  subscribeOnClock,
} from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a change in the middle of a period', () => {
  it('gives back what is left of the old price and asks for the new one, with the next invoice', async () => {
    const { id, item, clock } = await subscribeOnClock(local);
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
    const { id, item, clock } = await subscribeOnClock(local);
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
    const { id, item, clock } = await subscribeOnClock(local);
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
    const { id, item, customer } = await subscribeOnClock(local);
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
    const { id, item, clock } = await subscribeOnClock(local);
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
    const { id, item } = await subscribeOnClock(local);
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
    const { id, clock } = await subscribeOnClock(local);
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
    const { id, customer } = await subscribeOnClock(local);
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
    const { id, customer } = await subscribeOnClock(local);
    await local.stripe.customers.del(customer);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });
});

describe('a pause', () => {
  it('of the collection makes invoices that nobody has to pay', async () => {
    const { id, clock } = await subscribeOnClock(local);
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
    const { id, clock } = await subscribeOnClock(local);
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
    const { id, clock } = await subscribeOnClock(local, {
      discounts: [{ coupon: once.id }, { promotion_code: code.id }],
    });
    const totals = [(await latestInvoice(local, id)).total];
    for (const end of [31, 59, 90]) {
      await passTime(local, clock, NEW_YEAR + end * DAY);
      totals.push((await latestInvoice(local, id)).total);
    }
    expect(totals).toEqual([1_450, 3_000, 3_100, 3_100]);
    expect(await local.stripe.coupons.retrieve(once.id)).toMatchObject({ times_redeemed: 1 });
  });
});
