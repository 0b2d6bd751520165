import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { balanceOf, expectToAddUp } from './support/money.ts';
import { Receiver } from './support/receiver.ts';
import { makeSeller } from './support/seller.ts';
import { clientOf, idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('acting for an account', () => {
  it('by Stripe-Account or by Stripe-Context reaches the same objects, and no others', async () => {
    const [mine, other] = [await makeSeller(local), await makeSeller(local)];
    const { id } = await local.stripe.customers.create({ name: 'Eve' }, { stripeAccount: mine.id });
    const { lastResponse } = await local.stripe.customers.retrieve(id, {}, { stripeContext: mine.id });
    expect(lastResponse.headers['stripe-account']).toBe(mine.id);
    const nested = { stripeContext: `${local.sim.account}/${mine.id}` };
    expect((await local.stripe.customers.retrieve(id, {}, nested)).id).toBe(id);
    for (const options of [undefined, { stripeAccount: other.id }])
      expect((await refusal(local.stripe.customers.retrieve(id, {}, options))).code).toBe('resource_missing');
    expect((await local.stripe.accounts.retrieve(mine.id, {}, { stripeAccount: mine.id })).id).toBe(mine.id);
    const neighbour = local.stripe.accounts.retrieve(other.id, {}, { stripeAccount: mine.id });
    expect((await refusal(neighbour)).code).toBe('account_invalid');
  });

  it('of the other mode, or one that does not exist, is refused', async () => {
    const { id } = await makeSeller(local);
    for (const [client, account] of [
      [local.live, id],
      [local.stripe, 'acct_1Nobody'],
    ] as const) {
      const error = await refusal(client.balance.retrieve({}, { stripeAccount: account }));
      expect(error).toMatchObject({ statusCode: 403, code: 'account_invalid' });
      expect(error.message).not.toContain('simulator');
    }
  });

  it('can pay with a copy of the platform’s customer’s card, not with the card itself', async () => {
    const { id: account } = await makeSeller(local);
    const there = { stripeAccount: account };
    const customer = await local.stripe.customers.create({ payment_method: 'pm_card_visa' });
    const { data } = await local.stripe.paymentMethods.list({ customer: customer.id });
    const original = data[0]?.id ?? '';
    const payment = { amount: 500, currency: 'usd', confirm: true };
    const direct = local.stripe.paymentIntents.create({ ...payment, payment_method: original }, there);
    expect((await refusal(direct)).code).toBe('resource_missing');
    const alone = local.stripe.paymentMethods.create({ payment_method: original }, there);
    expect((await refusal(alone)).param).toBe('customer');
    const copy = await local.stripe.paymentMethods.create(
      { payment_method: original, customer: customer.id },
      there,
    );
    expect(copy).toMatchObject({ customer: null, card: { last4: '4242' } });
    const paid = await local.stripe.paymentIntents.create({ ...payment, payment_method: copy.id }, there);
    expect(paid.status).toBe('succeeded');
  });
});

it('a Connect endpoint hears of connected accounts, the platform’s own endpoint does not', async () => {
  const [connect, own] = [await Receiver.start(), await Receiver.start()];
  const types = [
    'account.updated',
    'payment_intent.succeeded',
  ] as Stripe.WebhookEndpointCreateParams.EnabledEvent[];
  await local.stripe.webhookEndpoints.create({ url: connect.url, enabled_events: types, connect: true });
  await local.stripe.webhookEndpoints.create({ url: own.url, enabled_events: types });
  const { id } = await makeSeller(local);
  await local.stripe.accounts.update(id, { metadata: { tier: 'gold' } });
  const pay = { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true };
  await local.stripe.paymentIntents.create(pay, { stripeAccount: id });
  await local.sim.deliveriesSettled();
  expect(new Set(connect.types)).toEqual(new Set(types));
  expect(connect.received.every(({ event }) => event.account === id)).toBe(true);
  expect(own.types).toEqual([]);
  await local.stripe.paymentIntents.create(pay);
  await local.sim.deliveriesSettled();
  expect(own.types).toEqual(['payment_intent.succeeded']);
  connect.close();
  own.close();
});

describe('the platform’s share', () => {
  it('can be set anew when a held amount is captured, up to that amount', async () => {
    const { id: destination } = await makeSeller(local);
    const held = await local.stripe.paymentIntents.create({
      amount: 10_000,
      currency: 'usd',
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      capture_method: 'manual',
      application_fee_amount: 1_000,
      transfer_data: { destination },
    });
    expect(await balanceOf(local, destination)).toEqual({ usd: [0, 0] });
    const capture = { amount_to_capture: 5_000 };
    const much = { ...capture, application_fee_amount: 5_001 };
    expect((await refusal(local.stripe.paymentIntents.capture(held.id, much))).code).toBe('amount_too_large');
    await local.stripe.paymentIntents.capture(held.id, { ...capture, application_fee_amount: 500 });
    const [available, pending] = (await balanceOf(local, destination))['usd'] ?? [0, 0];
    expect(available + pending).toBe(4_500);
    await expectToAddUp(local);
    await expectToAddUp(local, destination);
  });

  it('of a Checkout Session is checked when it is opened, and taken when it is paid', async () => {
    const { id: destination } = await makeSeller(local);
    const open = (payment_intent_data: Stripe.Checkout.SessionCreateParams.PaymentIntentData) =>
      local.stripe.checkout.sessions.create({
        mode: 'payment',
        success_url: 'https://shop.example/done',
        line_items: [
          { price_data: { currency: 'usd', unit_amount: 2_000, product_data: { name: 'Tea' } }, quantity: 1 },
        ],
        payment_intent_data,
      });
    const wrong = await refusal(open({ application_fee_amount: 100 }));
    expect(wrong.param).toBe('payment_intent_data[application_fee_amount]');
    const session = await open({ application_fee_amount: 100, transfer_data: { destination } });
    await local.stripe.rawRequest('POST', `/v1/payment_pages/${session.id}/confirm`, {
      payment_method: 'pm_card_bypassPending',
      expected_amount: 2_000,
    });
    const paid = await local.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    const intent = paid.payment_intent as Stripe.PaymentIntent;
    expect(intent).toMatchObject({ application_fee_amount: 100, transfer_data: { destination } });
    const charge = await local.stripe.charges.retrieve(idOf(intent.latest_charge));
    expect(charge.application_fee).toMatch(/^fee_/);
    expect(await balanceOf(local, destination)).toEqual({ usd: [1_900, 0] });
  });
});

it('a key that OAuth gave for an account can’t act for another', async () => {
  const { id } = await makeSeller(local);
  const body = new URLSearchParams({ outcome: 'skip' });
  const query = 'response_type=code&client_id=ca_1&redirect_uri=http://shop.test/';
  const url = `${local.sim.url}/oauth/authorize?${query}`;
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const token = await local.stripe.oauth.token({ grant_type: 'authorization_code', code });
  const own = clientOf(local.sim, token.access_token ?? '');
  expect((await own.balance.retrieve()).object).toBe('balance');
  expect((await refusal(own.balance.retrieve({}, { stripeAccount: id }))).code).toBe('account_invalid');
  expect((await refusal(own.accounts.create({}))).statusCode).toBe(400);
});
