import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { OLDER_CLIENTS, olderClient } from './support/older-clients.ts';
import { Receiver } from './support/receiver.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe.each(OLDER_CLIENTS)('the real client %s', (name) => {
  const acacia = name === 'stripe-17';
  let stripe: Stripe;

  beforeAll(async () => {
    stripe = olderClient(name, local);
  });

  /** Parameters that today's types no longer have. */
  const older = <T>(params: object): T => params as T;

  it('takes a payment with the methods that it names, and reads it in its own version', async () => {
    const intent = await stripe.paymentIntents.create(
      older({
        amount: 1000,
        currency: 'usd',
        confirm: true,
        payment_method: 'pm_card_visa',
        payment_method_types: ['card'],
      }),
    );
    expect(intent).toMatchObject({ status: 'succeeded', automatic_payment_methods: null });
    expect('invoice' in intent).toBe(acacia);
    const version = acacia ? '2025-02-24.acacia' : '2026-02-25.clover';
    expect(intent.lastResponse.apiVersion).toBe(version);
  });

  it('is told of a decline by an error of its own classes', async () => {
    const params = { amount: 500, currency: 'eur', confirm: true, payment_method: 'pm_card_chargeDeclined' };
    const call = stripe.paymentIntents.create(older({ ...params, payment_method_types: ['card'] }));
    const thrown: unknown = await call.catch((error: unknown) => error);
    expect(thrown).toMatchObject({ type: 'StripeCardError', code: 'card_declined', statusCode: 402 });
  });

  it('subscribes, and finds period, discount and payment where its version has them', async () => {
    await stripe.coupons.create({ id: 'TEN', percent_off: 10, duration: 'forever' });
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const product = await stripe.products.create({ name: 'Club' });
    const recurring = { interval: 'month' } as const;
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 2000,
      recurring,
    });
    const made = await stripe.subscriptions.create(
      older({
        customer: customer.id,
        items: [{ price: price.id }],
        ...(acacia ? { coupon: 'TEN' } : { discounts: [{ coupon: 'TEN' }] }),
        expand: [acacia ? 'latest_invoice.payment_intent' : 'latest_invoice.payments'],
      }),
    );
    const end = made.items.data[0]?.current_period_end;
    const invoice = { amount_paid: 1800, status: 'paid' };
    expect(made).toMatchObject({
      status: 'active',
      ...(acacia && { current_period_end: end, discount: { coupon: { percent_off: 10 } } }),
      latest_invoice: acacia
        ? { ...invoice, paid: true, payment_intent: { status: 'succeeded', amount: 1800 } }
        : { ...invoice, payments: { data: [{ status: 'paid' }] } },
    });
    expect('current_period_end' in made).toBe(acacia);
  });

  it('opens Checkout in the words of its version', async () => {
    const session = await stripe.checkout.sessions.create(
      older({
        mode: 'payment',
        ui_mode: 'embedded',
        return_url: 'https://shop.example/done',
        payment_method_types: ['card'],
        line_items: [
          { quantity: 1, price_data: { currency: 'eur', unit_amount: 900, product_data: { name: 'Cap' } } },
        ],
      }),
    );
    expect(session).toMatchObject({ ui_mode: 'embedded', payment_method_types: ['card'], status: 'open' });
  });

  it('walks through all pages of a list', async () => {
    for (let count = 0; count < 12; count += 1) await stripe.customers.create({ name: `customer ${count}` });
    const names = [];
    for await (const { name: one } of stripe.customers.list({ limit: 5 })) names.push(one);
    expect(names).toHaveLength(12);
  });

  it('retries what the simulator loses, and does it once', async () => {
    local.sim.faults.add({ kind: 'reset_after', match: 'POST /v1/customers', times: 1 });
    await stripe.customers.create({ name: 'once' });
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('accepts the events of an endpoint of its version', async () => {
    const target = await Receiver.start();
    const { secret = '' } = await stripe.webhookEndpoints.create({
      url: target.url,
      enabled_events: ['customer.created'],
    });
    target.secrets = [secret];
    await stripe.customers.create({ name: 'Zoë' });
    const { body, headers } = await target.waitFor('customer.created');
    const event = stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret);
    expect(event.data.object).toMatchObject({ name: 'Zoë' });
    target.close();
  });
});

it('today’s client is refused what only older versions have', async () => {
  const params = { amount: 500, currency: 'eur', payment_method_types: ['card'] };
  const refused = await refusal(local.stripe.paymentIntents.create(params));
  expect(refused.code).toBe('payment_method_types_no_longer_supported');
});
