import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { refusal, startLocal, useSimulator } from './support/simulator.ts';

const strict = useSimulator();

it('a catalogue that nobody made is refused, unless it is to be assumed', async () => {
  const assumed: string[] = [];
  const { sim, stripe } = await startLocal({ assumeExisting: (what) => assumed.push(what) });
  const params = {
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  };
  const { id: customer } = await stripe.customers.create(params);
  const made = await stripe.subscriptions.create({
    customer,
    items: [{ price: 'my_price', quantity: 2 }],
    discounts: [{ coupon: 'SPRING' }],
  });
  expect(made).toMatchObject({
    status: 'active',
    items: { data: [{ price: { id: 'my_price' } }] },
  });
  expect((await stripe.plans.retrieve('gold')).interval).toBe('month');
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example',
    line_items: [{ price: 'price_1SXyq2LkdIwHu7ixCapCapCa', quantity: 3 }],
  });
  expect(session.amount_total).toBe(3000);
  expect((await stripe.plans.retrieve('gold-annual')).interval).toBe('year');
  const { data } = await stripe.events.list({ limit: 100 });
  expect(data.filter(({ type }) => /^(price|plan|product|coupon)\.created/.test(type))).toEqual([]);
  // Only what an account's catalogue holds: everything else must have been made.
  const nobody = await refusal(
    stripe.subscriptions.create({ customer: 'cus_nobody', items: [{ price: 'p' }] }),
  );
  expect(nobody).toMatchObject({ code: 'resource_missing', param: 'customer' });
  // Nor what was made and deleted, nor what looks like no id.
  await stripe.products.create({ id: 'gone', name: 'Gone' });
  await stripe.products.del('gone');
  const deleted = await refusal(stripe.prices.create({ product: 'gone', currency: 'usd', unit_amount: 1 }));
  expect(deleted).toMatchObject({ code: 'resource_missing' });
  expect(await refusal(stripe.prices.retrieve('price_nope'))).toMatchObject({ code: 'resource_missing' });
  expect(assumed).toContain('price my_price');
  // Nor the caller's own words, whatever they are called, nor what the other mode has.
  const before = assumed.length;
  const words = { price: 'gold', coupon: 'x1', product: 'hat', constructor: '1', toString: '2' };
  expect((await stripe.customers.create({ metadata: words })).metadata).toEqual(words);
  const live = new Stripe('sk_live_x', { host: sim.host, port: sim.port, protocol: 'http' });
  const { id: other } = await live.products.create({ name: 'Live' });
  expect((await refusal(stripe.products.retrieve(other))).code).toBe('resource_missing');
  expect(assumed).toHaveLength(before);
  await sim.close();

  const { id } = await strict.stripe.customers.create(params);
  const call = strict.stripe.subscriptions.create({
    customer: id,
    items: [{ price: 'my_price' }],
  });
  expect((await refusal(call)).code).toBe('resource_missing');
});
