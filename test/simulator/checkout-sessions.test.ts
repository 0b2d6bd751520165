import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
type Params = Stripe.Checkout.SessionCreateParams;

const coffee = {
  price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } },
  quantity: 2,
} as const;
const hosted: Params = {
  mode: 'payment',
  line_items: [coffee],
  success_url: 'https://shop.example/done?session_id={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/back',
};

/** Pays as `stripe trigger` and Stripe.js do. */
async function confirm(id: string, method = 'pm_card_visa', amount?: number): Promise<void> {
  const params = { payment_method: method, ...(amount !== undefined && { expected_amount: amount }) };
  await local.stripe.rawRequest('POST', `/v1/payment_pages/${id}/confirm`, params);
}

async function types(): Promise<string[]> {
  const { data } = await local.stripe.events.list({ limit: 100 });
  return data.map(({ type }) => type).toReversed();
}

describe('a hosted session', () => {
  it('has an address, a total and line items that are shown on request', async () => {
    const session = await local.stripe.checkout.sessions.create(hosted);
    expect(session.id).toMatch(/^cs_test_a1/);
    expect(session).toMatchObject({
      url: `${local.sim.url}/c/pay/${session.id}`,
      client_secret: null,
      amount_total: 700,
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      ui_mode: 'hosted_page',
    });
    expect(session.line_items).toBeUndefined();
    const shown = await local.stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] });
    expect(shown.line_items?.data[0]).toMatchObject({
      description: 'Coffee',
      quantity: 2,
      amount_total: 700,
    });
    const items = await local.stripe.checkout.sessions.listLineItems(session.id);
    expect(items.data.map(({ price }) => price?.unit_amount)).toEqual([350]);
  });

  it('is complete and paid once it was paid, and only once', async () => {
    const { id } = await local.stripe.checkout.sessions.create(hosted);
    await confirm(id, 'pm_card_visa', 700);
    const paid = await local.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(paid.payment_intent).toMatchObject({ status: 'succeeded', amount: 700 });
    expect((await types()).at(-1)).toBe('checkout.session.completed');
    expect((await refusal(confirm(id))).statusCode).toBe(400);
  });

  it('refuses another amount than the buyer saw', async () => {
    const { id } = await local.stripe.checkout.sessions.create(hosted);
    expect((await refusal(confirm(id, 'pm_card_visa', 701))).param).toBe('expected_amount');
  });

  it('stays open after a declined card', async () => {
    const { id } = await local.stripe.checkout.sessions.create(hosted);
    expect((await refusal(confirm(id, 'pm_card_chargeDeclined'))).code).toBe('card_declined');
    expect(await local.stripe.checkout.sessions.retrieve(id)).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
    });
    await confirm(id);
    expect((await local.stripe.checkout.sessions.retrieve(id)).status).toBe('complete');
    const { data } = await local.stripe.paymentIntents.list();
    expect(data).toHaveLength(1);
  });

  it('passes metadata and customer on to the payment', async () => {
    const customer = await local.stripe.customers.create({ email: 'ada@example.com' });
    const { id } = await local.stripe.checkout.sessions.create({
      ...hosted,
      customer: customer.id,
      client_reference_id: 'order-7',
      metadata: { on: 'session' },
      payment_intent_data: { metadata: { order: '7' }, setup_future_usage: 'off_session' },
    });
    await confirm(id);
    const session = await local.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    expect(session).toMatchObject({ client_reference_id: 'order-7', metadata: { on: 'session' } });
    expect(session.payment_intent).toMatchObject({ metadata: { order: '7' }, customer: customer.id });
    const { data } = await local.stripe.customers.listPaymentMethods(customer.id);
    expect(data).toHaveLength(1);
  });
});

describe('a delayed method', () => {
  it.each([
    ['AT611904300234573201', 'paid', 'checkout.session.async_payment_succeeded'],
    ['AT861904300235473202', 'unpaid', 'checkout.session.async_payment_failed'],
  ])('completes the session unpaid; with %s it ends as %s', async (iban, status, type) => {
    const euro = { price_data: { ...coffee.price_data, currency: 'eur' }, quantity: 2 };
    const { id } = await local.stripe.checkout.sessions.create({ ...hosted, line_items: [euro] });
    const method = await local.stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    });
    await confirm(id, method.id);
    const before = await local.stripe.checkout.sessions.retrieve(id);
    expect(before).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    await local.sim.clock.advance(5);
    expect((await local.stripe.checkout.sessions.retrieve(id)).payment_status).toBe(status);
    expect(await types()).toContain(type);
  });
});

describe('expiry', () => {
  it('comes after 24 hours, and not before', async () => {
    const { id } = await local.stripe.checkout.sessions.create(hosted);
    await local.sim.clock.advance(24 * 3600 - 60);
    expect((await local.stripe.checkout.sessions.retrieve(id)).status).toBe('open');
    await local.sim.clock.advance(120);
    expect((await local.stripe.checkout.sessions.retrieve(id)).status).toBe('expired');
    expect(await types()).toContain('checkout.session.expired');
  });

  it('can be asked for, and a paid session refuses it', async () => {
    const open = await local.stripe.checkout.sessions.create(hosted);
    expect((await local.stripe.checkout.sessions.expire(open.id)).status).toBe('expired');
    const paid = await local.stripe.checkout.sessions.create(hosted);
    await confirm(paid.id);
    expect((await refusal(local.stripe.checkout.sessions.expire(paid.id))).statusCode).toBe(400);
  });

  it('must lie between 30 minutes and 24 hours ahead', async () => {
    const now = Math.floor(local.sim.clock.now() / 1000);
    for (const seconds of [1_700, 25 * 3600]) {
      const call = local.stripe.checkout.sessions.create({ ...hosted, expires_at: now + seconds });
      expect((await refusal(call)).param).toBe('expires_at');
    }
    const good = await local.stripe.checkout.sessions.create({ ...hosted, expires_at: now + 3600 });
    expect(good.expires_at).toBe(now + 3600);
  });
});

describe('the other kinds of session', () => {
  it('with ui_mode elements or embedded_page have a client secret and no address', async () => {
    const own: Params = { mode: 'payment', line_items: [coffee], return_url: 'https://shop.example/done' };
    for (const ui_mode of ['elements', 'embedded_page'] as const) {
      const session = await local.stripe.checkout.sessions.create({ ...own, ui_mode });
      expect(session).toMatchObject({ ui_mode, url: null, success_url: null });
      expect(session.client_secret).toMatch(new RegExp(`^${session.id}_secret_`));
    }
  });

  it('in setup mode save a method for a new customer', async () => {
    const { line_items: _items, ...rest } = hosted;
    const { id, setup_intent: intent } = await local.stripe.checkout.sessions.create({
      ...rest,
      mode: 'setup',
      currency: 'usd',
    });
    expect(idOf(intent)).toMatch(/^seti_/);
    await confirm(id);
    const done = await local.stripe.checkout.sessions.retrieve(id, { expand: ['setup_intent'] });
    expect(done).toMatchObject({ status: 'complete', payment_status: 'no_payment_required' });
    expect(done.setup_intent).toMatchObject({ status: 'succeeded', customer: done.customer });
  });

  it('in subscription mode start a subscription', async () => {
    const monthly = { ...coffee.price_data, recurring: { interval: 'month' as const } };
    const { id } = await local.stripe.checkout.sessions.create({
      ...hosted,
      mode: 'subscription',
      line_items: [{ price_data: monthly, quantity: 1 }],
    });
    await confirm(id);
    const done = await local.stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid' });
    expect(done.subscription).toMatchObject({ status: 'active', customer: done.customer });
  });
});

describe('parameters that do not go together', () => {
  const recurring = { ...coffee.price_data, recurring: { interval: 'month' as const } };

  it.each<[string, Partial<Params>, string]>([
    ['elements with a success_url', { ui_mode: 'elements' }, 'success_url'],
    ['hosted with a return_url', { return_url: 'https://shop.example' }, 'return_url'],
    ['hosted without a success_url', { success_url: undefined }, 'success_url'],
    ['payment without line items', { line_items: undefined }, 'line_items'],
    [
      'an item without a quantity',
      { line_items: [{ price_data: coffee.price_data }] },
      'line_items[0][quantity]',
    ],
    ['an item without a price', { line_items: [{ quantity: 1 }] }, 'line_items[0]'],
    ['an unknown price', { line_items: [{ price: 'price_x', quantity: 1 }] }, 'line_items[0][price]'],
    [
      'a recurring price in payment mode',
      { line_items: [{ price_data: recurring, quantity: 1 }] },
      'line_items',
    ],
    ['customer and customer_email', { customer: 'cus_x', customer_email: 'a@b.co' }, 'customer_email'],
    ['a relative success_url', { success_url: '/done' }, 'success_url'],
    ['an old ui_mode', { ui_mode: 'embedded' }, 'ui_mode'],
    ['subscription_data in payment mode', { subscription_data: { description: 'x' } }, 'subscription_data'],
  ])('are refused: %s', async (_what, change, param) => {
    const params = JSON.parse(JSON.stringify({ ...hosted, ...change })) as Params;
    const error = await refusal(local.stripe.checkout.sessions.create(params));
    expect(error).toMatchObject({ statusCode: 400, param });
  });

  it('include payment_method_types, which this version no longer has', async () => {
    const params = { ...hosted, payment_method_types: ['card'] } as Params;
    expect((await refusal(local.stripe.checkout.sessions.create(params))).code).toBe('parameter_unknown');
  });
});
