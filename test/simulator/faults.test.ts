import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { clientOf, control, refusal, startLocal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});
beforeEach(async () => {
  receiver.received.length = 0;
  const { secret } = await local.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] });
  receiver.secrets = [secret ?? ''];
});
afterAll(() => receiver.close());

describe('faults of deliveries', () => {
  it('drop an event, which then stays pending', async () => {
    local.sim.faults.add({ kind: 'drop', match: 'customer.created', times: 1 });
    await local.stripe.customers.create();
    await local.stripe.customers.create();
    await local.sim.deliveriesSettled();
    expect(receiver.types).toEqual(['customer.created']);
    const failed = await local.stripe.events.list({ delivery_success: false });
    expect(failed.data).toHaveLength(1);
  });

  it('deliver an event twice', async () => {
    local.sim.faults.add({ kind: 'duplicate', times: 1 });
    await local.stripe.customers.create();
    await local.sim.deliveriesSettled();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
  });

  it('hold an event back', async () => {
    local.sim.faults.add({ kind: 'delay', seconds: 600, times: 1 });
    await local.stripe.customers.create();
    await local.sim.deliveriesSettled();
    expect(receiver.received).toHaveLength(0);
    await local.sim.clock.advance(601);
    expect(receiver.received).toHaveLength(1);
  });

  it('change the order', async () => {
    local.sim.faults.add({ kind: 'reorder' });
    for (let n = 0; n < 12; n += 1) await local.stripe.customers.create({ name: String(n).padStart(2, '0') });
    await local.sim.clock.advance(5);
    const names = receiver.received.map(({ event }) => (event.data.object as { name: string }).name);
    expect(names).toHaveLength(12);
    expect(names).not.toEqual(names.toSorted());
  });
});

describe('faults of API calls', () => {
  it('answer with 5xx or 429', async () => {
    local.sim.faults.add({ kind: 'api_error', status: 503, times: 1 });
    expect((await refusal(local.stripe.customers.list())).statusCode).toBe(503);
    local.sim.faults.add({ kind: 'rate_limit', times: 1 });
    expect(await refusal(local.stripe.customers.list())).toMatchObject({
      statusCode: 429,
      type: 'StripeRateLimitError',
    });
    expect((await local.stripe.customers.list()).data).toEqual([]);
  });

  it('cut the connection before the call is carried out; the client tries again', async () => {
    local.sim.faults.add({ kind: 'reset_before', match: 'POST', times: 1 });
    await clientOf(local.sim, 'sk_test_simulator', 2).customers.create();
    expect((await local.stripe.customers.list()).data).toHaveLength(1);
  });

  it('cut it afterwards; the retry finds the first answer and does nothing twice', async () => {
    local.sim.faults.add({ kind: 'reset_after', match: 'POST', times: 1 });
    const customer = await clientOf(local.sim, 'sk_test_simulator', 2).customers.create();
    expect(customer.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await local.stripe.customers.list()).data).toHaveLength(1);
  });
});

describe('chance', () => {
  async function outcomes(seed: string): Promise<string> {
    const { sim, stripe } = await startLocal({ seed });
    sim.faults.add({ kind: 'api_error', probability: 0.5, when: 'before' });
    let text = '';
    for (let n = 0; n < 20; n += 1)
      text += await stripe.customers.create({}, { idempotencyKey: `k${n}` }).then(
        ({ id }) => id,
        () => 'x',
      );
    await sim.close();
    return text;
  }

  it('falls the same way for the same seed, ids included, and another way for another', async () => {
    const first = await outcomes('seven');
    expect(first).toContain('x');
    expect(await outcomes('seven')).toBe(first);
    expect(await outcomes('eight')).not.toBe(first);
  });
});

describe('the control API', () => {
  it('sets faults, and refuses a misspelt one', async () => {
    const fault = await control<{ id: string }>(local.sim, 'POST', 'faults', {
      kind: 'rate_limit',
      times: 1,
    });
    expect(local.sim.faults.list().map(({ id }) => id)).toEqual([fault.id]);
    await control(local.sim, 'DELETE', `faults/${fault.id}`);
    expect(local.sim.faults.list()).toEqual([]);
    const wrong = await control(local.sim, 'POST', 'faults', { kind: 'drop', tiems: 1 });
    expect(wrong).toMatchObject({ error: { code: 'invalid_body' } });
  });

  it('logs requests without what is secret', async () => {
    const card = { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '987' };
    await local.stripe.paymentMethods.create({ type: 'card', card });
    const log = await control<{ data: { method: string; path: string; params: unknown; answer: unknown }[] }>(
      local.sim,
      'GET',
      'requests?limit=1',
    );
    expect(log.data[0]).toMatchObject({ method: 'POST', path: '/v1/payment_methods', status: 200 });
    expect(JSON.stringify(log)).not.toContain('4242424242424242');
    expect(JSON.stringify(log)).not.toContain('sk_test');
  });

  it('sends an event again on request', async () => {
    await local.stripe.customers.create();
    await local.sim.deliveriesSettled();
    const [event] = (await local.stripe.events.list()).data;
    await control(local.sim, 'POST', `events/${event?.id}/resend`);
    expect(receiver.received.map(({ event: { id } }) => id)).toEqual([event?.id, event?.id]);
  });

  it('exports and resets everything', async () => {
    await local.stripe.customers.create({ name: 'exported' });
    expect(JSON.stringify(await control(local.sim, 'GET', 'export'))).toContain('exported');
    await control(local.sim, 'POST', 'reset');
    expect((await local.stripe.customers.list()).data).toEqual([]);
  });

  it('does not answer pages of other origins', async () => {
    const headers = { origin: 'https://evil.example' };
    const answer = await fetch(`${local.sim.url}/_sim/api/export`, { headers });
    expect(answer.status).toBe(403);
    expect((await fetch(`${local.sim.url}/_sim/api/clock`)).status).toBe(200);
  });
});
