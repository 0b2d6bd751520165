import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { startLocal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

type Json = Record<string, never> & { id: string };

const ENDIVE = Stripe.API_VERSION;
const DAHLIA = '2026-06-24.dahlia';
const CLOVER = '2025-10-29.clover';
const OCTOBER_2023 = '2023-10-16';
const AUGUST_2020 = '2020-08-27';
const ALL = [ENDIVE, DAHLIA, CLOVER, OCTOBER_2023, AUGUST_2020];

/** A request in a version; the client's types know its own version only. */
async function call(method: string, path: string, version: string, body = ''): Promise<Json> {
  const post = method === 'POST';
  const answer = await local.raw(post || body === '' ? path : `${path}?${body}`, {
    method,
    headers: { 'stripe-version': version },
    ...(post && { body }),
  });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body as unknown as Json;
}

/** Which of these fields the object has in each version. */
async function shown(path: string, names: string[], query = ''): Promise<Record<string, string[]>> {
  const rows = ALL.map(async (version) => {
    const object = await call('GET', path, version, query);
    return [version, names.filter((name) => name in object)] as const;
  });
  return Object.fromEntries(await Promise.all(rows));
}

async function paidIntent(): Promise<Stripe.PaymentIntent> {
  return local.stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    confirm: true,
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
}

async function subscribed(coupon?: string): Promise<Stripe.Subscription> {
  const { stripe } = local;
  const { id: customer } = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const price = await stripe.prices.create({
    currency: 'eur',
    unit_amount: 900,
    recurring: { interval: 'month' },
    product_data: { name: 'Club' },
  });
  const items = [{ price: price.id }];
  return stripe.subscriptions.create({ customer, items, ...(coupon && { discounts: [{ coupon }] }) });
}

describe('an answer', () => {
  it('says in which version it is', async () => {
    for (const version of ALL) {
      const answer = await local.raw('/v1/customers', { headers: { 'stripe-version': version } });
      expect(answer.headers.get('stripe-version')).toBe(version);
    }
  });

  it('of a version that is none is a refusal', async () => {
    const headers = { 'stripe-version': 'yesterday' };
    const { status, body } = await local.raw('/v1/customers', { headers });
    expect(status).toBe(400);
    expect(body.error.message).toBe('Invalid Stripe API version: yesterday');
    const beta = await local.raw('/v1/customers', {
      headers: { 'stripe-version': `${DAHLIA}; some_beta=v1` },
    });
    expect(beta.status).toBe(200);
  });

  it('is of the version that the simulator was started with where the request names none', async () => {
    const old = await startLocal({ apiVersion: AUGUST_2020 });
    const made = await old.raw('/v1/payment_intents', { method: 'POST', body: 'amount=500&currency=usd' });
    expect(made.body).toMatchObject({ charges: { data: [] }, payment_method_types: ['card'] });
    const [event] = (await old.stripe.events.list({ limit: 1 })).data;
    expect(event).toMatchObject({ api_version: AUGUST_2020, data: { object: { charges: { data: [] } } } });
    await old.sim.close();
  });
});

describe('payments', () => {
  it('list their charges, and name their invoice, in older versions', async () => {
    const { id, latest_charge: charge } = await paidIntent();
    expect(await shown(`/v1/payment_intents/${id}`, ['charges', 'invoice', 'latest_charge'])).toEqual({
      [ENDIVE]: ['latest_charge'],
      [DAHLIA]: ['latest_charge'],
      [CLOVER]: ['latest_charge'],
      [OCTOBER_2023]: ['invoice', 'latest_charge'],
      [AUGUST_2020]: ['charges', 'invoice', 'latest_charge'],
    });
    const old = await call('GET', `/v1/payment_intents/${id}`, AUGUST_2020);
    expect(old).toMatchObject({
      invoice: null,
      charges: { total_count: 1, data: [{ id: charge, invoice: null, refunds: { total_count: 0 } }] },
    });
  });

  it('expand what only older versions have', async () => {
    const { id } = await paidIntent();
    const query = 'expand[]=charges.data.balance_transaction';
    const old = await call('GET', `/v1/payment_intents/${id}`, AUGUST_2020, query);
    expect(old).toMatchObject({
      charges: { data: [{ balance_transaction: { object: 'balance_transaction' } }] },
    });
    const today = await local.raw(`/v1/payment_intents/${id}?${query}`);
    expect(today.status).toBe(400);
  });

  it('choose cards and capture at once where nothing was said, as they did', async () => {
    const ask = 'amount=500&currency=usd';
    expect(await call('POST', '/v1/payment_intents', AUGUST_2020, ask)).toMatchObject({
      automatic_payment_methods: null,
      capture_method: 'automatic',
      payment_method_types: ['card'],
    });
    expect(await call('POST', '/v1/payment_intents', OCTOBER_2023, ask)).toMatchObject({
      automatic_payment_methods: { enabled: true },
      capture_method: 'automatic',
    });
    expect(await call('POST', '/v1/payment_intents', CLOVER, ask)).toMatchObject({
      capture_method: 'automatic_async',
    });
  });

  it('look the same in an error', async () => {
    const headers = { 'stripe-version': AUGUST_2020 };
    const body = 'amount=500&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined';
    const declined = await local.raw('/v1/payment_intents', { method: 'POST', headers, body });
    expect(declined.status).toBe(402);
    expect(declined.body.error).toMatchObject({
      payment_intent: { charges: { data: [{ status: 'failed' }] } },
    });
  });

  it.each(['customers', 'refunds', 'setup_intents', 'payment_methods', 'accounts'])(
    'leave %s as they are, since nothing was taken from them',
    async (kind) => {
      const { stripe } = local;
      const { id: intent } = await paidIntent();
      const made = {
        customers: () => stripe.customers.create(),
        refunds: () => stripe.refunds.create({ payment_intent: intent }),
        setup_intents: () => stripe.setupIntents.create(),
        payment_methods: () => stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } }),
        accounts: () => stripe.accounts.create({ country: 'DE' }),
      }[kind];
      const { id } = (await made?.()) ?? { id: '' };
      const forms = await Promise.all(ALL.map((version) => call('GET', `/v1/${kind}/${id}`, version)));
      for (const form of forms) expect(form).toEqual(forms[0]);
    },
  );
});

describe('subscriptions', () => {
  it('have a period and a discount of their own in older versions', async () => {
    await local.stripe.coupons.create({ id: 'TEN', percent_off: 10, duration: 'forever' });
    const { id, items } = await subscribed('TEN');
    const names = ['current_period_end', 'current_period_start', 'discount', 'discounts'];
    const now = ['discounts'];
    expect(await shown(`/v1/subscriptions/${id}`, names)).toEqual({
      [ENDIVE]: now,
      [DAHLIA]: now,
      [CLOVER]: now,
      [OCTOBER_2023]: names,
      [AUGUST_2020]: names,
    });
    expect(await call('GET', `/v1/subscriptions/${id}`, OCTOBER_2023)).toMatchObject({
      current_period_end: items.data[0]?.current_period_end,
      discount: { object: 'discount', coupon: { id: 'TEN', percent_off: 10 } },
      items: { data: [{ price: { recurring: { aggregate_usage: null } }, plan: { aggregate_usage: null } }] },
    });
  });

  it('show the invoice of their time, with its payment', async () => {
    const { id } = await subscribed();
    const query = 'expand[]=latest_invoice.payment_intent';
    const old = await call('GET', `/v1/subscriptions/${id}`, OCTOBER_2023, query);
    expect(old).toMatchObject({
      latest_invoice: {
        paid: true,
        paid_out_of_band: false,
        subscription: id,
        tax: null,
        total_tax_amounts: [],
        payment_intent: { object: 'payment_intent', status: 'succeeded' },
        lines: { data: [{ type: 'subscription', proration: false, price: { unit_amount: 900 } }] },
      },
    });
    const { latest_invoice: invoice } = old as unknown as { latest_invoice: { id: string } };
    expect(await shown(`/v1/invoices/${invoice.id}`, ['charge', 'paid', 'parent', 'subscription'])).toEqual({
      [ENDIVE]: ['parent'],
      [DAHLIA]: ['parent'],
      [CLOVER]: ['parent'],
      [OCTOBER_2023]: ['charge', 'paid', 'parent', 'subscription'],
      [AUGUST_2020]: ['charge', 'paid', 'parent', 'subscription'],
    });
  });

  it('take the coupon and the plan where older versions took them', async () => {
    const { stripe } = local;
    await stripe.coupons.create({ id: 'HALF', percent_off: 50, duration: 'once' });
    const plan = await stripe.plans.create({
      currency: 'eur',
      amount: 4000,
      interval: 'year',
      product: { name: 'Y' },
    });
    const { id } = await subscribed();
    await call('POST', `/v1/subscriptions/${id}`, AUGUST_2020, `plan=${plan.id}&quantity=2&coupon=HALF`);
    const { items, discounts } = await stripe.subscriptions.retrieve(id, { expand: ['discounts'] });
    expect(items.data).toMatchObject([{ price: { id: plan.id }, quantity: 2 }]);
    expect(discounts).toMatchObject([{ source: { coupon: 'HALF' } }]);
    const refused = await local.raw(`/v1/subscriptions/${id}`, { method: 'POST', body: 'coupon=HALF' });
    expect(refused.body.error.code).toBe('parameter_unknown');
  });
});

describe('Checkout', () => {
  it('has the words of its time for where it is shown', async () => {
    const body =
      'mode=payment&ui_mode=embedded&return_url=https://shop.example&line_items[0][quantity]=1&' +
      'line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=500&' +
      'line_items[0][price_data][product_data][name]=Cap';
    const made = await call('POST', '/v1/checkout/sessions', CLOVER, body);
    const modes = await Promise.all(
      ALL.map(async (version) => (await call('GET', `/v1/checkout/sessions/${made.id}`, version))['ui_mode']),
    );
    expect(modes).toEqual(['embedded_page', 'embedded_page', 'embedded', 'embedded', 'embedded']);
    const today = await local.raw('/v1/checkout/sessions', { method: 'POST', body });
    expect(today.body.error).toMatchObject({ param: 'ui_mode' });
  });

  it('takes line items that say themselves what they cost', async () => {
    const body =
      'mode=payment&success_url=https://shop.example&payment_method_types[]=card&line_items[][name]=Cap&' +
      'line_items[][amount]=700&line_items[][currency]=eur&line_items[][quantity]=2';
    expect(await call('POST', '/v1/checkout/sessions', AUGUST_2020, body)).toMatchObject({
      amount_total: 1400,
      payment_method_types: ['card'],
      shipping: null,
      shipping_details: null,
      ui_mode: 'hosted',
    });
  });
});

describe('an endpoint', () => {
  it('gets events in its own version, with what changed in that version', async () => {
    const target = await Receiver.start();
    const { secret } = await local.stripe.webhookEndpoints.create({
      url: target.url,
      enabled_events: ['payment_intent.succeeded', 'customer.subscription.updated'],
      api_version: AUGUST_2020,
    });
    target.secrets = [secret ?? ''];
    await paidIntent();
    const { event } = await target.waitFor('payment_intent.succeeded');
    expect(event).toMatchObject({
      api_version: AUGUST_2020,
      data: { object: { charges: { total_count: 1 } } },
    });
    const { id, items } = await subscribed();
    const item = items.data[0]?.id ?? '';
    await local.stripe.subscriptions.update(id, { items: [{ id: item, quantity: 3 }], metadata: { a: 'b' } });
    const { event: updated } = await target.waitFor('customer.subscription.updated');
    expect(updated.data).toMatchObject({
      object: { discount: null, quantity: 3 },
      previous_attributes: { quantity: 1 },
    });
    const stored = await local.stripe.events.retrieve(event.id);
    expect(stored.api_version).toBe(ENDIVE);
    expect(stored.data.object).not.toHaveProperty('charges');
    target.close();
  });
});
