import { expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const DAY_SECONDS = 24 * 3600;

const order = { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true } as const;

async function intentCount(): Promise<number> {
  return (await local.stripe.paymentIntents.list({ limit: 100 })).data.length;
}

it('a repeated key gives the first answer again and does nothing twice', async () => {
  const first = await local.stripe.paymentIntents.create(order, { idempotencyKey: 'order-1' });
  const second = await local.stripe.paymentIntents.create(order, { idempotencyKey: 'order-1' });
  expect(second.id).toBe(first.id);
  expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect(await intentCount()).toBe(1);
});

it('the replay is what was answered, not what has become of the object', async () => {
  const { id } = await local.stripe.customers.create({ name: 'before' }, { idempotencyKey: 'c' });
  await local.stripe.customers.update(id, { name: 'after' });
  const replay = await local.stripe.customers.create({ name: 'before' }, { idempotencyKey: 'c' });
  expect(replay.name).toBe('before');
});

it('the same key with other parameters is refused', async () => {
  await local.stripe.paymentIntents.create(order, { idempotencyKey: 'order-1' });
  const error = await refusal(
    local.stripe.paymentIntents.create({ ...order, amount: 600 }, { idempotencyKey: 'order-1' }),
  );
  expect(error).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' });
  expect(error.message).toContain("Try using a key other than 'order-1'");
  expect(await intentCount()).toBe(1);
});

it('the same parameters in another order are the same request', async () => {
  const headers = { 'idempotency-key': 'k' };
  const first = await local.raw('/v1/customers', { method: 'POST', headers, body: 'name=a&email=a%40b.co' });
  const second = await local.raw('/v1/customers', { method: 'POST', headers, body: 'email=a%40b.co&name=a' });
  expect(second.body).toEqual(first.body);
});

it('a key that is being used at this moment is a conflict', async () => {
  local.sim.faults.add({ kind: 'slow', ms: 150, times: 1 });
  const slow = local.stripe.customers.create({ name: 'slow' }, { idempotencyKey: 'busy' });
  await new Promise((resolve) => setImmediate(resolve));
  const waitUntilBusy = async (): Promise<string | undefined> => {
    const error = await refusal(local.stripe.customers.create({ name: 'slow' }, { idempotencyKey: 'busy' }));
    expect(error.statusCode).toBe(409);
    return error.code;
  };
  // The first request may not have arrived yet; then the second one is the slow one, and the first conflicts.
  const [first, second] = await Promise.allSettled([slow, waitUntilBusy()]);
  const codes = [
    second.status === 'fulfilled' ? second.value : undefined,
    first.status === 'rejected' ? (first.reason as { code?: string }).code : undefined,
  ];
  expect(codes).toContain('idempotency_key_in_use');
});

it('what fails before it starts leaves the key free', async () => {
  const wrong = { amount: -5, currency: 'usd' };
  await refusal(local.stripe.paymentIntents.create(wrong, { idempotencyKey: 'k' }));
  const intent = await local.stripe.paymentIntents.create(order, { idempotencyKey: 'k' });
  expect(intent.status).toBe('succeeded');
});

it('a declined card is replayed as declined', async () => {
  const declined = { ...order, payment_method: 'pm_card_chargeDeclined' };
  const first = await refusal(local.stripe.paymentIntents.create(declined, { idempotencyKey: 'd' }));
  const second = await refusal(local.stripe.paymentIntents.create(declined, { idempotencyKey: 'd' }));
  expect(second.code).toBe('card_declined');
  expect(second.payment_intent?.id).toBe(first.payment_intent?.id);
  expect(await intentCount()).toBe(1);
});

it('a 500 that came after the start is replayed; what it had begun is undone', async () => {
  local.sim.faults.add({ kind: 'api_error', times: 1, match: '/v1/payment_intents' });
  const first = await refusal(local.stripe.paymentIntents.create(order, { idempotencyKey: 'e' }));
  expect(first.statusCode).toBe(500);
  const second = await refusal(local.stripe.paymentIntents.create(order, { idempotencyKey: 'e' }));
  expect(second.statusCode).toBe(500);
  expect(second.headers?.['idempotent-replayed']).toBe('true');
  expect(await intentCount()).toBe(0);
});

it('a 500 that came before the start is not', async () => {
  local.sim.faults.add({ kind: 'api_error', when: 'before', times: 1, match: '/v1/payment_intents' });
  await refusal(local.stripe.paymentIntents.create(order, { idempotencyKey: 'e' }));
  const second = await local.stripe.paymentIntents.create(order, { idempotencyKey: 'e' });
  expect(second.status).toBe('succeeded');
});

it('a key is forgotten after 24 hours, and not before', async () => {
  const first = await local.stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k' });
  await local.sim.clock.advance(DAY_SECONDS - 60);
  const same = await local.stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k' });
  expect(same.id).toBe(first.id);
  await local.sim.clock.advance(120);
  const other = await local.stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k' });
  expect(other.id).not.toBe(first.id);
});

it('keys of test and live mode are different keys', async () => {
  const test = await local.stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k' });
  const live = await local.live.customers.create({ name: 'a' }, { idempotencyKey: 'k' });
  expect(live.id).not.toBe(test.id);
});

it('a key longer than 255 characters is refused', async () => {
  const call = local.stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) });
  expect((await refusal(call)).statusCode).toBe(400);
});
