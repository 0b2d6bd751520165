import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { balanceOf, DAY_SECONDS, expectToAddUp, pay } from './support/money.ts';
import { makeSeller } from './support/seller.ts';
import { refusal, startLocal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

/** A paid subscription of 100 dollars a month. */
async function subscribe(
  more: Partial<Stripe.SubscriptionCreateParams>,
  account?: string,
): Promise<Stripe.Subscription> {
  const options = account ? { stripeAccount: account } : undefined;
  const customer = await local.stripe.customers.create(
    {
      payment_method: 'pm_card_bypassPending',
      invoice_settings: { default_payment_method: 'pm_card_bypassPending' },
    },
    options,
  );
  const price = await local.stripe.prices.create(
    {
      currency: 'usd',
      unit_amount: 10_000,
      recurring: { interval: 'month' },
      product_data: { name: 'Rides' },
    },
    options,
  );
  return local.stripe.subscriptions.create(
    { customer: customer.id, items: [{ price: price.id }], ...more },
    options,
  );
}

describe('a subscription', () => {
  it('of the platform passes each payment on, but for its percentage', async () => {
    const { id: destination } = await makeSeller(local);
    const { status } = await subscribe({ application_fee_percent: 10, transfer_data: { destination } });
    expect(status).toBe('active');
    expect(await balanceOf(local, destination)).toEqual({ usd: [9_000, 0] });
    await local.sim.clock.advance(32 * DAY_SECONDS);
    const { data } = await local.stripe.applicationFees.list();
    expect(data.map(({ amount }) => amount)).toEqual([1_000, 1_000]);
    await expectToAddUp(local);
    await expectToAddUp(local, destination);
  });

  it('of a connected account leaves the platform its percentage', async () => {
    const { id } = await makeSeller(local);
    await subscribe({ application_fee_percent: 2.5 }, id);
    expect(await balanceOf(local, id)).toEqual({ usd: [9_750, 0] });
    expect((await local.stripe.subscriptions.list()).data).toEqual([]);
    await expectToAddUp(local, id);
  });
});

it('money, accounts and what is planned for them survive a restart', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'quittance-connect-'));
  const before = await startLocal({ dataDir });
  const { id } = await makeSeller(before);
  await pay(before, { payment_method: 'pm_card_visa', application_fee_amount: 100 }, id);
  await before.sim.clock.advance(5);
  const balance = await balanceOf(before, id);
  await before.sim.close();
  const after = await startLocal({ dataDir });
  expect(await balanceOf(after, id)).toEqual(balance);
  await after.sim.clock.advance(4 * DAY_SECONDS);
  const { data } = await after.stripe.payouts.list({}, { stripeAccount: id });
  expect(data.map(({ amount, automatic }) => [amount, automatic])).toEqual([[9_900, true]]);
  await expectToAddUp(after, id);
  await after.sim.close();
  rmSync(dataDir, { recursive: true });
});

it('an account of v2 is a customer too, by the twin of the parameter called customer', async () => {
  const buyer = { dashboard: 'none' as const, configuration: { customer: {} }, contact_email: 'a@b.test' };
  const responsibilities = { fees_collector: 'application', losses_collector: 'application' } as const;
  const { id } = await local.stripe.v2.core.accounts.create({ ...buyer, defaults: { responsibilities } });
  const payment = { amount: 500, currency: 'usd', customer_account: id };
  const paid = await local.stripe.paymentIntents.create({
    ...payment,
    payment_method: 'pm_card_visa',
    setup_future_usage: 'off_session',
    confirm: true,
    expand: ['payment_method', 'latest_charge'],
  });
  expect(paid).toMatchObject({
    customer: null,
    customer_account: id,
    payment_method: { customer: null, customer_account: id },
    latest_charge: { customer_account: id },
  });
  const { data } = await local.stripe.paymentMethods.list({ customer_account: id });
  const saved = data[0]?.id ?? '';
  const later = { ...payment, payment_method: saved, off_session: true, confirm: true };
  expect((await local.stripe.paymentIntents.create(later)).status).toBe('succeeded');
  const { customer_account: _account, ...guest } = later;
  expect((await refusal(local.stripe.paymentIntents.create(guest))).param).toBe('payment_method');
  const session = await local.stripe.checkout.sessions.create({
    mode: 'payment',
    customer_account: id,
    success_url: 'https://shop.example/done',
    line_items: [
      { price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Tea' } }, quantity: 1 },
    ],
  });
  await local.stripe.rawRequest('POST', `/v1/payment_pages/${session.id}/confirm`, {
    payment_method: 'pm_card_visa',
    expected_amount: 500,
  });
  const bought = await local.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  expect(bought).toMatchObject({ customer: null, payment_intent: { customer_account: id } });
  const { id: customer } = await local.stripe.customers.create();
  const both = await refusal(local.stripe.paymentIntents.create({ ...payment, customer }));
  expect(both.code).toBe('parameters_exclusive');
  expect((await local.stripe.paymentMethods.detach(saved)).customer_account).toBeNull();
});
