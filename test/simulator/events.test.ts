import { describe, expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const DAY_SECONDS = 24 * 3600;

describe('an event', () => {
  it('keeps what the object was, whatever becomes of it', async () => {
    const { id } = await local.stripe.customers.create({ name: 'before' });
    await local.stripe.customers.update(id, { name: 'after' });
    const { data } = await local.stripe.events.list({ type: 'customer.created' });
    expect(data[0]?.data.object).toMatchObject({ id, name: 'before' });
  });

  it('of an update says what was there before', async () => {
    const { id } = await local.stripe.customers.create({ name: 'before', metadata: { a: '1' } });
    await local.stripe.customers.update(id, { name: 'after' });
    const { data } = await local.stripe.events.list({ type: 'customer.updated' });
    expect(data[0]?.data).toMatchObject({
      object: { name: 'after' },
      previous_attributes: { name: 'before' },
    });
    expect(Object.keys(data[0]?.data.previous_attributes ?? {})).toEqual(['name']);
  });

  it('names the request that caused it, with its idempotency key', async () => {
    const customer = await local.stripe.customers.create({}, { idempotencyKey: 'why' });
    const { data } = await local.stripe.events.list();
    expect(data[0]).toMatchObject({
      object: 'event',
      api_version: '2026-10-28.endive',
      livemode: false,
      request: { id: customer.lastResponse.requestId, idempotency_key: 'why' },
    });
    expect(await local.stripe.events.retrieve(data[0]?.id ?? '')).toEqual(data[0]);
  });

  it('that time caused names no request', async () => {
    await local.stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      success_url: 'https://shop.example',
    });
    await local.sim.clock.advance(DAY_SECONDS + 60);
    const { data } = await local.stripe.events.list({ type: 'checkout.session.expired' });
    expect(data[0]?.request).toEqual({ id: null, idempotency_key: null });
  });

  it('is gone after 30 days, and not before', async () => {
    await local.stripe.customers.create();
    const [event] = (await local.stripe.events.list()).data;
    await local.sim.clock.advance(29 * DAY_SECONDS);
    expect((await local.stripe.events.list()).data).toHaveLength(1);
    await local.sim.clock.advance(2 * DAY_SECONDS);
    expect((await local.stripe.events.list()).data).toEqual([]);
    expect((await refusal(local.stripe.events.retrieve(event?.id ?? ''))).statusCode).toBe(404);
  });
});

describe('the list of events', () => {
  it('is filtered by type, by a group of types, and by several types', async () => {
    await local.stripe.customers.create();
    await local.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
    });
    const types = async (params: object): Promise<string[]> =>
      (await local.stripe.events.list(params)).data.map(({ type }) => type);
    expect(await types({ type: 'customer.created' })).toEqual(['customer.created']);
    expect(await types({ type: 'payment_intent.*' })).toEqual([
      'payment_intent.succeeded',
      'payment_intent.created',
    ]);
    expect(await types({ types: ['charge.succeeded', 'customer.created'] })).toEqual([
      'charge.succeeded',
      'customer.created',
    ]);
    expect((await refusal(local.stripe.events.list({ type: 'a', types: ['b'] }))).code).toBe(
      'parameters_exclusive',
    );
    const many = Array.from({ length: 21 }, () => 'customer.created');
    expect((await refusal(local.stripe.events.list({ types: many }))).param).toBe('types');
  });

  it('is read forward in time with ending_before', async () => {
    for (let n = 0; n < 4; n += 1) await local.stripe.customers.create({ name: `c${n}` });
    const all = (await local.stripe.events.list()).data.map(({ id }) => id);
    const page = await local.stripe.events.list({ ending_before: all[3] ?? '', limit: 2 });
    expect(page.data.map(({ id }) => id)).toEqual(all.slice(1, 3));
    expect(page.has_more).toBe(true);
  });

  it('knows which events some endpoint has not taken', async () => {
    await local.stripe.customers.create({ name: 'nobody listens' });
    await local.stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/dead', enabled_events: ['*'] });
    await local.stripe.customers.create({ name: 'nobody answers' });
    await local.sim.deliveriesSettled();
    const failed = await local.stripe.events.list({ delivery_success: false });
    expect(failed.data.map(({ data }) => data.object)).toMatchObject([{ name: 'nobody answers' }]);
    expect(failed.data[0]?.pending_webhooks).toBe(1);
    const fine = await local.stripe.events.list({ delivery_success: true });
    expect(fine.data.map(({ data }) => data.object)).toMatchObject([{ name: 'nobody listens' }]);
  });
});
