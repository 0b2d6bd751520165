import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  NEW_YEAR,
  clockAndCustomer,
  eventTypes,
  latestInvoice,
  passTime,
  payingCustomer,
  recurringPrice,
} from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('the catalogue', () => {
  it('knows a recurring price as a plan too, and a lookup key of one price at a time', async () => {
    const price = await recurringPrice(local, 900);
    const plan = await local.stripe.plans.retrieve(price.id);
    expect(plan).toMatchObject({ amount: 900, interval: 'month', product: price.product });
    const made = await local.stripe.plans.create({
      id: 'gold',
      amount: 2_000,
      currency: 'usd',
      interval: 'year',
      product: { name: 'Gold' },
    });
    expect(await local.stripe.prices.retrieve(made.id)).toMatchObject({
      unit_amount: 2_000,
      type: 'recurring',
    });
    await local.stripe.prices.update(price.id, { lookup_key: 'basic' });
    const taken = local.stripe.prices.update(made.id, { lookup_key: 'basic' });
    expect((await refusal(taken)).code).toBe('resource_already_exists');
    await local.stripe.prices.update(made.id, { lookup_key: 'basic', transfer_lookup_key: true });
    const { data } = await local.stripe.prices.list({ lookup_keys: ['basic'] });
    expect(data.map(({ id }) => id)).toEqual(['gold']);
  });

  it('counts how often a code was redeemed, and refuses it once it is used up', async () => {
    const { id: coupon } = await local.stripe.coupons.create({ amount_off: 100, currency: 'usd' });
    const code = await local.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon },
      code: 'First',
      max_redemptions: 1,
    });
    const { id: customer } = await payingCustomer(local);
    const discounts = [{ promotion_code: code.id }];
    await local.stripe.invoices.create({ customer, discounts });
    expect(await local.stripe.promotionCodes.retrieve(code.id)).toMatchObject({
      active: false,
      times_redeemed: 1,
    });
    const again = await refusal(local.stripe.invoices.create({ customer, discounts }));
    expect(again).toMatchObject({ statusCode: 400, code: 'coupon_expired' });
    expect((await refusal(local.stripe.coupons.create({}))).statusCode).toBe(400);
  });
});

describe('a price by steps', () => {
  const tiers: Stripe.PriceCreateParams.Tier[] = [
    { up_to: 10, unit_amount: 100 },
    { up_to: 'inf', unit_amount: 50, flat_amount: 500 },
  ];

  it('costs each unit at its own step, or all at the step that is reached', async () => {
    const { id: customer } = await payingCustomer(local);
    const totals: number[] = [];
    for (const tiers_mode of ['graduated', 'volume'] as const) {
      const price = await local.stripe.prices.create({
        currency: 'usd',
        billing_scheme: 'tiered',
        tiers_mode,
        tiers,
        recurring: { interval: 'month' },
        product_data: { name: 'Seats' },
      });
      const items = [{ price: price.id, quantity: 14 }];
      const { id } = await local.stripe.subscriptions.create({ customer, items });
      totals.push((await latestInvoice(local, id)).total);
      expect(price.tiers).toBeUndefined();
      const shown = await local.stripe.prices.retrieve(price.id, { expand: ['tiers'] });
      expect(shown.tiers).toHaveLength(2);
    }
    expect(totals).toEqual([10 * 100 + 4 * 50 + 500, 14 * 50 + 500]);
  });

  it('by use is billed for the period that is over', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const meter = await local.stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    });
    const { id: price } = await recurringPrice(local, 3, {
      interval: 'month',
      usage_type: 'metered',
      meter: meter.id,
    });
    const { id } = await local.stripe.subscriptions.create({ customer, items: [{ price }] });
    expect((await latestInvoice(local, id)).total).toBe(0);
    const use = (value: number, identifier: string) =>
      local.stripe.billing.meterEvents.create({
        event_name: 'calls',
        identifier,
        payload: { stripe_customer_id: customer, value: String(value) },
        timestamp: NEW_YEAR + DAY,
      });
    await use(40, 'a');
    await use(2, 'b');
    expect((await refusal(use(2, 'b'))).statusCode).toBe(400);
    await use(1_000, 'c');
    const mistake = { event_name: 'calls', type: 'cancel' as const, cancel: { identifier: 'c' } };
    await local.stripe.billing.meterEventAdjustments.create(mistake);
    const { data } = await local.stripe.billing.meters.listEventSummaries(meter.id, {
      customer,
      start_time: NEW_YEAR,
      end_time: NEW_YEAR + 31 * DAY,
    });
    expect(data.map(({ aggregated_value }) => aggregated_value)).toEqual([42]);
    await passTime(local, clock, NEW_YEAR + 31 * DAY + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ total: 126, status: 'paid' });
  });
});

describe('a quote', () => {
  it('becomes a subscription once it is accepted, or an invoice where nothing recurs', async () => {
    const { id: customer } = await payingCustomer(local);
    const monthly = await recurringPrice(local, 1_500);
    const quote = await local.stripe.quotes.create({
      customer,
      line_items: [{ price: monthly.id, quantity: 10 }],
    });
    expect(quote).toMatchObject({ status: 'draft', amount_total: 15_000, number: null });
    expect((await refusal(local.stripe.quotes.accept(quote.id))).statusCode).toBe(400);
    await local.stripe.quotes.finalizeQuote(quote.id);
    const accepted = await local.stripe.quotes.accept(quote.id);
    const subscription = await local.stripe.subscriptions.retrieve(idOf(accepted.subscription));
    expect(subscription).toMatchObject({ status: 'active' });
    const once = await local.stripe.quotes.create({
      customer,
      line_items: [{ price_data: { currency: 'usd', unit_amount: 700, product: idOf(monthly.product) } }],
    });
    await local.stripe.quotes.finalizeQuote(once.id);
    const { invoice } = await local.stripe.quotes.accept(once.id);
    expect(await local.stripe.invoices.retrieve(idOf(invoice))).toMatchObject({
      total: 700,
      status: 'draft',
    });
    const gone = await local.stripe.quotes.create({ customer, line_items: [{ price: monthly.id }] });
    expect((await local.stripe.quotes.cancel(gone.id)).status).toBe('canceled');
  });
});

describe('an entitlement', () => {
  it('comes with the subscription to a product that has the feature, and goes with it', async () => {
    const { id: customer } = await payingCustomer(local);
    const price = await recurringPrice(local, 900);
    const feature = await local.stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' });
    await local.stripe.products.createFeature(idOf(price.product), { entitlement_feature: feature.id });
    const active = async () => (await local.stripe.entitlements.activeEntitlements.list({ customer })).data;
    expect(await active()).toEqual([]);
    const { id } = await local.stripe.subscriptions.create({ customer, items: [{ price: price.id }] });
    expect((await active()).map(({ lookup_key }) => lookup_key)).toEqual(['export']);
    await local.stripe.subscriptions.cancel(id);
    expect(await active()).toEqual([]);
    expect(await eventTypes(local, 'entitlements.')).toHaveLength(2);
  });
});
