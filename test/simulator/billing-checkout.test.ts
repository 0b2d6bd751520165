import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { DAY, eventTypes, latestInvoice, recurringPrice } from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const urls = { success_url: 'https://shop.example/done' };

/** Pays as `stripe trigger` and Stripe.js do. */
async function confirm(id: string, method = 'pm_card_visa'): Promise<void> {
  await local.stripe.rawRequest('POST', `/v1/payment_pages/${id}/confirm`, { payment_method: method });
}

async function open(
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const { id: price } = await recurringPrice(local, 900);
  const line_items = [{ price, quantity: 2 }];
  return local.stripe.checkout.sessions.create({ mode: 'subscription', line_items, ...urls, ...more });
}

async function bought(
  id: string,
): Promise<{ session: Stripe.Checkout.Session; subscription: Stripe.Subscription }> {
  const session = await local.stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
  return { session, subscription: session.subscription as Stripe.Subscription };
}

describe('a session that sells a subscription', () => {
  it('begins it with the first try, and makes it active with the payment', async () => {
    const { id } = await open({ subscription_data: { metadata: { seat: '7' } } });
    expect((await refusal(confirm(id, 'pm_card_chargeDeclined'))).code).toBe('card_declined');
    expect((await local.stripe.subscriptions.list({ status: 'incomplete' })).data).toHaveLength(1);
    await confirm(id);
    const { session, subscription } = await bought(id);
    expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', amount_total: 1_800 });
    expect(subscription).toMatchObject({ status: 'active', metadata: { seat: '7' } });
    expect(subscription.default_payment_method).toMatch(/^pm_/);
    const invoice = await latestInvoice(local, subscription.id);
    expect(invoice).toMatchObject({ id: session.invoice, status: 'paid', total: 1_800 });
    const types = await eventTypes(local);
    const order = ['customer.subscription.created', 'invoice.paid', 'checkout.session.completed'];
    expect(types.filter((type) => order.includes(type))).toEqual(order);
    expect((await local.stripe.subscriptions.list()).data).toHaveLength(1);
  });

  it('renews with the method that was typed', async () => {
    const { id } = await open();
    await confirm(id);
    const { subscription } = await bought(id);
    await local.sim.clock.advance(32 * DAY);
    const { data } = await local.stripe.invoices.list({ subscription: subscription.id });
    expect(data.map(({ status, billing_reason }) => [status, billing_reason])).toEqual([
      ['paid', 'subscription_cycle'],
      ['paid', 'subscription_create'],
    ]);
  });

  it('asks for nothing but the method while a trial lasts', async () => {
    const session = await open({ subscription_data: { trial_period_days: 7 } });
    expect(session).toMatchObject({ amount_total: 0 });
    await confirm(session.id);
    const after = await bought(session.id);
    expect(after.session).toMatchObject({ payment_status: 'no_payment_required', status: 'complete' });
    expect(after.subscription).toMatchObject({ status: 'trialing', pending_setup_intent: null });
    expect(after.subscription.default_payment_method).toMatch(/^pm_/);
  });

  it('takes a promotion code’s discount off, here and on the invoice', async () => {
    const { id: coupon } = await local.stripe.coupons.create({ percent_off: 50, duration: 'forever' });
    const code = await local.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon } });
    const session = await open({ discounts: [{ promotion_code: code.id }] });
    expect(session).toMatchObject({ amount_subtotal: 1_800, amount_total: 900 });
    await confirm(session.id);
    const { subscription } = await bought(session.id);
    expect((await latestInvoice(local, subscription.id)).total).toBe(900);
    expect(subscription.discounts).toHaveLength(1);
  });
});

describe('a session that sells once', () => {
  it('makes a paid invoice if that is asked for', async () => {
    const session = await local.stripe.checkout.sessions.create({
      mode: 'payment',
      ...urls,
      invoice_creation: { enabled: true, invoice_data: { description: 'Thanks' } },
      line_items: [
        { price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Mug' } }, quantity: 3 },
      ],
    });
    await confirm(session.id);
    const { invoice, payment_intent } = await local.stripe.checkout.sessions.retrieve(session.id);
    const made = await local.stripe.invoices.retrieve(idOf(invoice), { expand: ['payments'] });
    expect(made).toMatchObject({ status: 'paid', total: 1_500, amount_paid: 1_500, description: 'Thanks' });
    expect(made.payments?.data[0]?.payment.payment_intent).toBe(payment_intent);
  });
});

describe('a payment link', () => {
  it('begins a session for every visitor, and none once it is switched off', async () => {
    const { id: price } = await recurringPrice(local, 900);
    const link = await local.stripe.paymentLinks.create({ line_items: [{ price, quantity: 1 }] });
    const visits = await Promise.all([1, 2].map(() => fetch(link.url, { redirect: 'manual' })));
    expect(visits.map(({ status }) => status)).toEqual([303, 303]);
    const { data } = await local.stripe.checkout.sessions.list({ payment_link: link.id });
    expect(data.map(({ mode, amount_total }) => [mode, amount_total])).toEqual([
      ['subscription', 900],
      ['subscription', 900],
    ]);
    await local.stripe.paymentLinks.update(link.id, { active: false });
    expect(await (await fetch(link.url)).text()).toContain('no longer active');
    expect(await eventTypes(local, 'payment_link.')).toEqual([
      'payment_link.created',
      'payment_link.updated',
    ]);
  });
});
