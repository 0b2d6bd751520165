import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

async function types(): Promise<string[]> {
  const { data } = await local.stripe.events.list({ limit: 100 });
  return data.map(({ type }) => type).toReversed();
}

function pay(method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const params = { amount: 2_000, currency: 'usd', payment_method: method, confirm: true, ...more };
  return local.stripe.paymentIntents.create(params);
}

describe('a good card', () => {
  it('pays at once, and books the income a moment later', async () => {
    const intent = await pay('pm_card_visa', { expand: ['latest_charge'] });
    const charge = intent.latest_charge as Stripe.Charge;
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2_000 });
    expect(charge).toMatchObject({ paid: true, captured: true, balance_transaction: null });
    await local.sim.clock.advance(2);
    const booked = await local.stripe.charges.retrieve(charge.id, { expand: ['balance_transaction'] });
    expect(booked.balance_transaction).toMatchObject({
      amount: 2_000,
      fee: 88,
      net: 1_912,
      status: 'pending',
    });
    expect(await types()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ]);
  });

  it('of bypassPending is available at once', async () => {
    await pay('pm_card_bypassPending');
    expect((await local.stripe.balance.retrieve()).available[0]).toMatchObject({ amount: 1_912 });
  });

  it('becomes available after two days', async () => {
    await pay('pm_card_visa', { capture_method: 'automatic' });
    expect((await local.stripe.balance.retrieve()).pending[0]?.amount).toBe(1_912);
    await local.sim.clock.advance(3 * 24 * 3600);
    expect((await local.stripe.balance.retrieve()).available[0]?.amount).toBe(1_912);
  });

  it('given as a ready-made id is a new object each time', async () => {
    const first = await pay('pm_card_visa');
    const second = await pay('pm_card_visa');
    expect(first.payment_method).toMatch(/^pm_1/);
    expect(second.payment_method).not.toBe(first.payment_method);
  });
});

describe('a refused card', () => {
  it.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
    ['pm_card_radarBlock', 'card_declined', 'fraudulent'],
  ])('%s says %s', async (method, code, declineCode) => {
    const error = await refusal(pay(method));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code } },
    });
    expect(await types()).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ]);
  });

  it('leaves an intent that another card can still pay', async () => {
    const { payment_intent: failed } = await refusal(pay('pm_card_chargeDeclined'));
    const id = failed?.id ?? '';
    const paid = await local.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
  });

  it('is refused when the control asks for it, once', async () => {
    local.sim.faults.add({ kind: 'decline', decline_code: 'do_not_honor', times: 1 });
    expect(await refusal(pay('pm_card_visa'))).toMatchObject({ decline_code: 'do_not_honor' });
    expect((await pay('pm_card_visa')).status).toBe('succeeded');
  });
});

describe('manual capture', () => {
  it('holds the amount, then takes a part of it', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2_000 });
    const taken = await local.stripe.paymentIntents.capture(held.id, { amount_to_capture: 700 });
    expect(taken).toMatchObject({ status: 'succeeded', amount_received: 700, amount_capturable: 0 });
    expect(await types()).toContain('payment_intent.amount_capturable_updated');
  });

  it('takes no more than was held', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual' });
    const call = local.stripe.paymentIntents.capture(held.id, { amount_to_capture: 2_001 });
    expect((await refusal(call)).code).toBe('amount_too_large');
  });

  it('is released by cancelling, and by itself after seven days', async () => {
    const canceled = await pay('pm_card_visa', { capture_method: 'manual' });
    expect((await local.stripe.paymentIntents.cancel(canceled.id)).status).toBe('canceled');
    const forgotten = await pay('pm_card_visa', { capture_method: 'manual' });
    await local.sim.clock.advance(7 * 24 * 3600 + 60);
    const after = await local.stripe.paymentIntents.retrieve(forgotten.id);
    expect(after).toMatchObject({ status: 'canceled', cancellation_reason: 'automatic' });
  });
});

describe('a SEPA debit', () => {
  const sepa = (iban: string): Partial<Stripe.PaymentIntentCreateParams> => ({
    currency: 'eur',
    payment_method_data: {
      type: 'sepa_debit',
      sepa_debit: { iban },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    },
  });

  it('is on its way first and paid later', async () => {
    const { payment_method: _none, ...params } = {
      ...sepa('AT611904300234573201'),
      payment_method: undefined,
    };
    const intent = await local.stripe.paymentIntents.create({
      amount: 2_000,
      confirm: true,
      currency: 'eur',
      ...params,
    });
    expect(intent.status).toBe('processing');
    await local.sim.clock.advance(5);
    expect((await local.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
    expect(await types()).toContain('payment_intent.processing');
  });

  it.each([
    ['AT861904300235473202', 5],
    ['AT051904300235473205', 200],
  ])('from %s fails after at most %i seconds', async (iban, seconds) => {
    const intent = await local.stripe.paymentIntents.create({
      amount: 2_000,
      currency: 'eur',
      confirm: true,
      ...sepa(iban),
    });
    await local.sim.clock.advance(seconds);
    const after = await local.stripe.paymentIntents.retrieve(intent.id);
    expect(after).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'generic_could_not_process' },
    });
  });
});

describe('what can’t be done', () => {
  it.each([
    [{ amount: 0, currency: 'usd' }, 'parameter_invalid_integer'],
    [{ amount: 49, currency: 'usd' }, 'amount_too_small'],
    [{ amount: 100_000_000, currency: 'usd' }, 'amount_too_large'],
    [{ amount: 500, currency: 'usd', customer: 'cus_missing' }, 'resource_missing'],
    [{ amount: 500, currency: 'usd', confirm: true }, 'payment_intent_unexpected_state'],
  ])('is refused at creation: %j', async (params, code) => {
    expect((await refusal(local.stripe.paymentIntents.create(params))).code).toBe(code);
  });

  it('is refused later: confirming or cancelling what is paid, changing its amount', async () => {
    const { id } = await pay('pm_card_visa');
    const { paymentIntents } = local.stripe;
    for (const call of [
      paymentIntents.confirm(id),
      paymentIntents.cancel(id),
      paymentIntents.update(id, { amount: 9 }),
    ])
      expect((await refusal(call)).code).toBe('payment_intent_unexpected_state');
  });

  it('includes payment_method_types on this version, but not on an older one', async () => {
    const body = 'amount=500&currency=usd&payment_method_types[]=card';
    const now = await local.raw('/v1/payment_intents', { method: 'POST', body });
    expect(now.body.error.code).toBe('payment_method_types_no_longer_supported');
    const headers = { 'stripe-version': '2026-03-25.dahlia' };
    const before = await local.raw('/v1/payment_intents', { method: 'POST', body, headers });
    expect(before.body).toMatchObject({ payment_method_types: ['card'], automatic_payment_methods: null });
  });

  it('includes paying twice with a method that belongs to nobody', async () => {
    const { id: method } = await local.stripe.paymentMethods.create({
      type: 'card',
      card: { token: 'tok_visa' },
    });
    expect((await pay(method)).status).toBe('succeeded');
    expect((await refusal(pay(method))).message).toContain('may not be used again');
  });
});

describe('a browser with the publishable key', () => {
  it('reads an intent with its client secret, without what is private', async () => {
    const intent = await local.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      metadata: { secret: '1' },
    });
    const browser = clientOf(local.sim, 'pk_test_browser');
    const seen = await browser.paymentIntents.retrieve(intent.id, {
      client_secret: intent.client_secret ?? '',
    });
    expect(seen).toMatchObject({ id: intent.id, status: 'requires_payment_method' });
    expect(seen.metadata).toBeUndefined();
    const call = browser.paymentIntents.retrieve(intent.id, { client_secret: 'wrong' });
    expect((await refusal(call)).param).toBe('client_secret');
  });
});
