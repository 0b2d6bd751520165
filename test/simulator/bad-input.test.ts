import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

/** Seconds are short here: enough to find a crash, and the seed of a failure is printed. */
const RUNS = 150;
const NO_ERROR = { type: '', message: '' };

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  return local.raw(path, { method: 'POST', body, headers });
}

describe('a body', () => {
  it('of JSON is no form, and Stripe says what it would like', async () => {
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await post('/v1/customers', '{"email":"a@example.com"}', headers);
    expect(status).toBe(400);
    expect(body.error.message).toContain(
      'check that your POST content type is application/x-www-form-urlencoded',
    );
  });

  it.each(['email=%E0%A4%A', 'email=%', 'name=%ff%fe'])(
    'with broken encoding is refused: %s',
    async (text) => {
      const { status, body } = await post('/v1/customers', text);
      expect(status).toBe(400);
      expect(body.error.type).toBe('invalid_request_error');
    },
  );

  it.each([
    ['metadata=1&metadata[a]=2', 200],
    ['metadata[a]=2&metadata=1', 400],
    ['preferred_locales[]=en&preferred_locales[1]=de', 200],
    ['preferred_locales[]=en&preferred_locales[x]=de', 400],
    ['metadata[a][b]=1', 400],
    ['metadata[a=1', 400],
    ['address[[line1]]=1', 400],
  ])('with mixed brackets is read or refused, never misread: %s', async (text, status) => {
    const answer = await post('/v1/customers', text);
    expect(answer.status).toBe(status);
    expect(answer.body.error?.type).toBe(status === 400 ? 'invalid_request_error' : undefined);
  });

  it('with a megabyte in one parameter is refused, and in many small ones is read', async () => {
    const long = await post('/v1/customers', `name=begin${'x'.repeat(1e6)}end`);
    expect(long.body.error).toMatchObject({
      message: 'Invalid string: begi...xend; must be at most 5000 characters',
      param: 'name',
    });
    const locales = Array.from({ length: 10_000 }, () => `preferred_locales[]=${'x'.repeat(90)}`);
    expect((await post('/v1/customers', locales.join('&'))).status).toBe(200);
    const endless = await fetch(`${local.sim.url}/v1/customers`, {
      method: 'POST',
      body: 'x'.repeat(17 * 1024 * 1024),
    });
    expect(endless.status).toBe(413);
  });

  it('of any kind, to any route, gets an answer in the form of Stripe’s', { timeout: 20_000 }, async () => {
    const word = fc.constantFrom(
      'metadata',
      'items',
      'amount',
      'currency',
      'expand',
      '__proto__',
      'constructor',
      '',
      '0',
    );
    const name = fc.tuple(
      word,
      fc.array(fc.oneof(word, fc.constant('[]'), fc.constant('][')), { maxLength: 4 }),
    );
    const key = name.map(
      ([head, rest]) => head + rest.map((part) => (/[[\]]/.test(part) ? part : `[${part}]`)).join(''),
    );
    const pair = fc.tuple(
      key,
      fc.oneof(fc.string({ maxLength: 20 }), fc.integer().map(String), fc.constant('')),
    );
    const paths = [
      'payment_intents',
      'customers',
      'subscriptions',
      'invoices',
      'checkout/sessions',
      'prices',
      'accounts',
      'refunds',
    ];
    const request = fc.tuple(fc.constantFrom(...paths), fc.array(pair, { maxLength: 6 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(request, async ([path, pairs, encoded]) => {
        const text = pairs.map(([left, right]) =>
          encoded ? `${encodeURIComponent(left)}=${encodeURIComponent(right)}` : `${left}=${right}`,
        );
        const { status, body } = await post(`/v1/${path}`, text.join('&'));
        expect([200, 400, 402, 404]).toContain(status);
        const { type, message } = status === 200 ? NO_ERROR : body.error;
        expect([type, message].every((said) => (said === '') === (status === 200))).toBe(true);
      }),
      { numRuns: RUNS },
    );
    expect((await local.stripe.customers.create({ name: 'still there' })).name).toBe('still there');
  });
});

describe('a list', () => {
  it('refuses cursors of objects that are gone, never were, or are of another kind', async () => {
    const { stripe } = local;
    const coupon = await stripe.coupons.create({ percent_off: 5 });
    const { id } = await stripe.customers.create();
    await stripe.coupons.del(coupon.id);
    for (const [call, param] of [
      [stripe.coupons.list({ starting_after: coupon.id }), 'starting_after'],
      [stripe.coupons.list({ ending_before: 'nobody' }), 'ending_before'],
      [stripe.charges.list({ starting_after: id }), 'starting_after'],
    ] as const)
      expect(await refusal(call)).toMatchObject({ statusCode: 400, code: 'resource_missing', param });
  });

  it('that is searched goes on where its page token says, and refuses one that is none', async () => {
    const { customers } = local.stripe;
    const query = "metadata['tier']:'gold'";
    for (let count = 0; count < 5; count += 1) await customers.create({ metadata: { tier: 'gold' } });
    const first = await customers.search({ query, limit: 3 });
    await customers.create({ metadata: { tier: 'gold' } });
    const second = await customers.search({ query, limit: 3, page: first.next_page ?? '' });
    const ids = [...first.data, ...second.data].map(({ id }) => id);
    expect([new Set(ids).size, second.has_more, second.next_page]).toEqual([5, false, null]);
    expect(await refusal(customers.search({ query, page: 'expired' }))).toMatchObject({ param: 'page' });
    expect(await refusal(customers.search({ query, limit: 101 }))).toMatchObject({ param: 'limit' });
    expect(await refusal(customers.search({ query: "name:'open" }))).toMatchObject({ param: 'query' });
  });

  it.each([0, 101, -1])('refuses a limit of %s', async (limit) => {
    expect(await refusal(local.stripe.customers.list({ limit }))).toMatchObject({ param: 'limit' });
  });
});

describe('a key', () => {
  it('of the other mode is told that the object is in its own', async () => {
    const { stripe, live } = local;
    const { id } = await stripe.customers.create();
    const read = await refusal(live.customers.retrieve(id));
    expect(read).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message:
        `No such customer: '${id}'; a similar object exists in test mode, but a live mode key was used to ` +
        'make this request.',
    });
    const used = await refusal(live.paymentIntents.create({ amount: 500, currency: 'eur', customer: id }));
    expect(used).toMatchObject({ statusCode: 400, param: 'customer' });
    const real = await live.products.create({ name: 'Cap' });
    const other = await refusal(stripe.products.retrieve(real.id));
    expect(other.message).toContain('exists in live mode, but a test mode key was used');
    expect((await refusal(live.customers.retrieve('cus_nobody'))).message).toBe(
      "No such customer: 'cus_nobody'",
    );
  });

  it('that is publishable opens no secret route', async () => {
    const page = clientOf(local.sim, 'pk_test_page');
    expect(await refusal(page.customers.list())).toMatchObject({
      statusCode: 403,
      code: 'secret_key_required',
    });
  });

  it.each(['', 'hello', 'sk_prod_abc', 'sk_test_', 'Bearer'])(
    'that is none opens nothing: "%s"',
    async (key) => {
      const answer = await local.raw('/v1/customers', { headers: { authorization: `Bearer ${key}` } });
      expect(answer.status).toBe(401);
    },
  );
});

describe('an account', () => {
  it('that is not connected, or whose objects are asked for by another, is not told about', async () => {
    const { stripe } = local;
    const foreign = await refusal(stripe.customers.list({}, { stripeAccount: 'acct_nobody' }));
    expect(foreign).toMatchObject({ statusCode: 403, code: 'account_invalid' });
    const [one, two] = [await stripe.accounts.create(), await stripe.accounts.create()];
    const { id } = await stripe.customers.create({}, { stripeAccount: one.id });
    for (const stripeAccount of [two.id, undefined]) {
      const call = stripe.customers.retrieve(id, {}, stripeAccount === undefined ? {} : { stripeAccount });
      expect(await refusal(call)).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    }
    expect((await stripe.customers.retrieve(id, {}, { stripeAccount: one.id })).id).toBe(id);
  });
});

describe('an idempotency key', () => {
  it('belongs to one endpoint and to one set of parameters', async () => {
    const { stripe } = local;
    const idempotencyKey = 'order-1';
    await stripe.customers.create({ name: 'a' }, { idempotencyKey });
    expect(await refusal(stripe.customers.create({ name: 'b' }, { idempotencyKey }))).toMatchObject({
      statusCode: 400,
      rawType: 'idempotency_error',
      message: expect.stringContaining('only be used with the same parameters') as string,
    });
    const elsewhere = await refusal(stripe.products.create({ name: 'a' }, { idempotencyKey }));
    expect(elsewhere.message).toContain("('/v1/products' vs '/v1/customers')");
  });

  it('used by many requests at once does its work once', async () => {
    const calls = Array.from({ length: 20 }, () =>
      post('/v1/customers', 'name=once', { 'idempotency-key': 'at-once' }),
    );
    const answers = await Promise.all(calls);
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => String(body['id'])));
    expect(ids.size).toBe(1);
    const refused = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code);
    expect(new Set([...refused, 'idempotency_key_in_use'])).toEqual(new Set(['idempotency_key_in_use']));
    expect((await local.stripe.customers.list()).data).toHaveLength(1);
  });
});
