import { describe, expect, it } from 'vitest';
import { idOf, useSimulator } from './support/simulator.ts';
import {
  ALL,
  AUGUST_2020,
  CLOVER,
  DAHLIA,
  ENDIVE,
  OCTOBER_2023,
  call,
  shown,
  subscribed,
} from './support/versions.ts';

const local = useSimulator();

describe('subscriptions', () => {
  it('have a period and a discount of their own in older versions', async () => {
    await local.stripe.coupons.create({ id: 'TEN', percent_off: 10, duration: 'forever' });
    const { id, items } = await subscribed(local, 'TEN');
    const names = ['current_period_end', 'current_period_start', 'discount', 'discounts'];
    const now = ['discounts'];
    expect(await shown(local, `/v1/subscriptions/${id}`, names)).toEqual({
      [ENDIVE]: now,
      [DAHLIA]: now,
      [CLOVER]: now,
      [OCTOBER_2023]: names,
      [AUGUST_2020]: names,
    });
    expect(await call(local, 'GET', `/v1/subscriptions/${id}`, OCTOBER_2023)).toMatchObject({
      current_period_end: items.data[0]?.current_period_end,
      discount: { object: 'discount', coupon: { id: 'TEN', percent_off: 10 } },
      items: { data: [{ price: { recurring: { aggregate_usage: null } }, plan: { aggregate_usage: null } }] },
    });
  });

  it('show the invoice of their time, with its payment', async () => {
    const { id } = await subscribed(local);
    const query = 'expand[]=latest_invoice.payment_intent';
    const old = await call(local, 'GET', `/v1/subscriptions/${id}`, OCTOBER_2023, query);
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
    expect(
      await shown(local, `/v1/invoices/${invoice.id}`, ['charge', 'paid', 'parent', 'subscription']),
    ).toEqual({
      [ENDIVE]: ['parent'],
      [DAHLIA]: ['parent'],
      [CLOVER]: ['parent'],
      [OCTOBER_2023]: ['charge', 'paid', 'parent', 'subscription'],
      [AUGUST_2020]: ['charge', 'paid', 'parent', 'subscription'],
    });
  });

  it('are looked ahead at where older versions did it', async () => {
    const { id, customer, items } = await subscribed(local);
    const ask = `customer=${idOf(customer)}&subscription=${id}`;
    expect(await call(local, 'GET', '/v1/invoices/upcoming', OCTOBER_2023, ask)).toMatchObject({
      object: 'invoice',
      subscription: id,
      total: 900,
    });
    const [item] = items.data;
    const more = `${ask}&subscription_items[0][id]=${item?.id}&subscription_items[0][quantity]=3`;
    const next = await call(local, 'GET', '/v1/invoices/upcoming', AUGUST_2020, more);
    const { lines } = next as unknown as { lines: { data: { proration: boolean; amount: number }[] } };
    expect(lines.data.filter(({ proration }) => !proration)).toMatchObject([{ amount: 2700 }]);
    expect((await local.stripe.subscriptions.retrieve(id)).items.data[0]?.quantity).toBe(1);
    expect((await local.raw(`/v1/invoices/upcoming?${ask}`)).status).not.toBe(200);
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
    const { id } = await subscribed(local);
    await call(
      local,
      'POST',
      `/v1/subscriptions/${id}`,
      AUGUST_2020,
      `plan=${plan.id}&quantity=2&coupon=HALF`,
    );
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
    const made = await call(local, 'POST', '/v1/checkout/sessions', CLOVER, body);
    const modes = await Promise.all(
      ALL.map(
        async (version) => (await call(local, 'GET', `/v1/checkout/sessions/${made.id}`, version))['ui_mode'],
      ),
    );
    expect(modes).toEqual(['embedded_page', 'embedded_page', 'embedded', 'embedded', 'embedded']);
    const today = await local.raw('/v1/checkout/sessions', { method: 'POST', body });
    expect(today.body.error).toMatchObject({ param: 'ui_mode' });
  });

  it('takes line items that say themselves what they cost', async () => {
    const body =
      'mode=payment&success_url=https://shop.example&payment_method_types[]=card&line_items[][name]=Cap&' +
      'line_items[][amount]=700&line_items[][currency]=eur&line_items[][quantity]=2';
    expect(await call(local, 'POST', '/v1/checkout/sessions', AUGUST_2020, body)).toMatchObject({
      amount_total: 1400,
      payment_method_types: ['card'],
      shipping: null,
      shipping_details: null,
      ui_mode: 'hosted',
    });
  });
});
