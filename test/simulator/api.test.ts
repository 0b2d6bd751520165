import { describe, expect, it } from 'vitest';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a request without a good key', () => {
  it('is refused with 401 when there is none', async () => {
    const answer = await fetch(`${local.sim.url}/v1/customers`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('is refused with 401 and a masked key when the key has no known form', async () => {
    const error = await refusal(clientOf(local.sim, 'nonsense_key_value').customers.list());
    expect(error.type).toBe('StripeAuthenticationError');
    expect(error.message).toContain('Invalid API Key provided: ');
    expect(error.message).not.toContain('nonsense_key_value');
  });

  it('is refused with 403 when a publishable key asks for what only a secret one may', async () => {
    const error = await refusal(clientOf(local.sim, 'pk_test_simulator').customers.list());
    expect(error).toMatchObject({ statusCode: 403, code: 'secret_key_required' });
  });

  it('is accepted with Basic authentication, as curl -u sends it', async () => {
    const authorization = `Basic ${Buffer.from('sk_test_curl:').toString('base64')}`;
    const answer = await local.raw('/v1/customers', { headers: { authorization } });
    expect(answer.status).toBe(200);
  });
});

describe('the answer', () => {
  it('carries Request-Id and Stripe-Version and is pretty-printed', async () => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body: 'email=a%40example.com' });
    expect(answer.headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(answer.headers.get('stripe-version')).toBe('2026-10-28.endive');
    expect(answer.text).toContain('{\n  "id": "cus_');
  });

  it('has the version that the request names', async () => {
    const headers = { 'stripe-version': '2025-10-29.clover' };
    const answer = await local.raw('/v1/customers', { headers });
    expect(answer.headers.get('stripe-version')).toBe('2025-10-29.clover');
  });

  it('is 404 for a route that Stripe does not have', async () => {
    const error = await refusal(local.stripe.rawRequest('GET', '/v1/nothing'));
    expect(error).toMatchObject({ statusCode: 404, type: 'StripeInvalidRequestError' });
    expect(error.message).toContain('Unrecognized request URL (GET: /v1/nothing)');
  });

  it('names an object that is not there', async () => {
    const error = await refusal(local.stripe.customers.retrieve('cus_missing'));
    expect(error).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'id' });
    expect(error.message).toBe("No such customer: 'cus_missing'");
  });
});

describe('parameters', () => {
  it('that do not exist are all named', async () => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body: 'foo=1&bar=2' });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'parameter_unknown',
      param: 'foo',
      message: 'Received unknown parameters: foo, bar',
    });
  });

  it('that do not exist deeper down are named with their path', async () => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body: 'address[galaxy]=1' });
    expect(answer.body.error).toMatchObject({ code: 'parameter_unknown', param: 'address[galaxy]' });
  });

  it('that are missing are named', async () => {
    const answer = await local.raw('/v1/payment_intents', { method: 'POST', body: 'currency=usd' });
    expect(answer.body.error).toMatchObject({ code: 'parameter_missing', param: 'amount' });
  });

  it.each([
    ['/v1/payment_intents', 'amount=ten&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['/v1/payment_intents', 'amount=10.5&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['/v1/payment_intents', 'amount=500&currency=usd&confirm=maybe', 'confirm', undefined],
    ['/v1/payment_intents', 'amount=500&currency=usd&capture_method=never', 'capture_method', undefined],
    ['/v1/customers', 'address=nowhere', 'address', undefined],
    ['/v1/customers', 'preferred_locales=en', 'preferred_locales', undefined],
    ['/v1/products', 'name=', 'name', 'parameter_invalid_empty'],
  ])('of the wrong type are refused: %s with %s', async (path, body, param, code) => {
    const answer = await local.raw(path, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ param });
    expect(answer.body.error.code).toBe(code);
  });

  it.each([
    ['indexed', 'preferred_locales[0]=en&preferred_locales[1]=de'],
    ['without index', 'preferred_locales[]=en&preferred_locales[]=de'],
    ['with encoded brackets', 'preferred_locales%5B0%5D=en&preferred_locales%5B%5D=de'],
    ['out of order', 'preferred_locales[1]=de&preferred_locales[0]=en'],
  ])('may be arrays %s', async (_style, body) => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body });
    expect(answer.body).toMatchObject({ preferred_locales: ['en', 'de'] });
  });

  it('with malformed encoding are refused and not a crash', async () => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body: 'email=%E0%A4%A' });
    expect(answer.status).toBe(400);
  });

  it('called __proto__ are unknown and change nothing', async () => {
    const answer = await local.raw('/v1/customers', { method: 'POST', body: '__proto__[admin]=1' });
    expect(answer.body.error).toMatchObject({ code: 'parameter_unknown' });
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});

describe('metadata', () => {
  it('is merged, loses keys set to nothing, and is emptied as a whole', async () => {
    const { customers } = local.stripe;
    const { id } = await customers.create({ metadata: { a: '1', b: '2' } });
    expect((await customers.update(id, { metadata: { b: '', c: '3' } })).metadata).toEqual({
      a: '1',
      c: '3',
    });
    expect((await customers.update(id, { metadata: '' })).metadata).toEqual({});
  });

  it('keeps numbers as text', async () => {
    const { metadata } = await local.stripe.customers.create({ metadata: { order: 17 } });
    expect(metadata).toEqual({ order: '17' });
  });

  it('is limited to 50 keys of 40 characters with values of 500', async () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`key${n}`, '1']));
    const { customers } = local.stripe;
    await refusal(customers.create({ metadata: many }));
    await refusal(customers.create({ metadata: { ['k'.repeat(41)]: '1' } }));
    await refusal(customers.create({ metadata: { k: 'v'.repeat(501) } }));
    const full = { ['k'.repeat(40)]: 'v'.repeat(500) };
    expect((await customers.create({ metadata: full })).metadata).toEqual(full);
  });
});
