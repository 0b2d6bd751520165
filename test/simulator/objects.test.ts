import { describe, expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('stored objects', () => {
  it('are updated and unset by an empty string', async () => {
    const { customers } = local.stripe;
    const { id } = await customers.create({ name: 'Ada', description: 'first' });
    await customers.update(id, { description: '' });
    expect(await customers.retrieve(id)).toMatchObject({ name: 'Ada', description: null });
  });

  it('answer as deleted once they are', async () => {
    const { customers } = local.stripe;
    const { id } = await customers.create();
    expect(await customers.del(id)).toEqual({ id, object: 'customer', deleted: true });
    expect(await customers.retrieve(id)).toEqual({ id, object: 'customer', deleted: true });
    expect((await refusal(customers.update(id, { name: 'x' }))).code).toBe('resource_missing');
    expect((await customers.list()).data).toEqual([]);
  });

  it('of test and live mode do not see each other', async () => {
    const { id } = await local.stripe.customers.create();
    expect((await refusal(local.live.customers.retrieve(id))).code).toBe('resource_missing');
    expect((await local.live.customers.create()).livemode).toBe(true);
    expect((await local.stripe.customers.list()).data).toHaveLength(1);
  });

  it('of a kind without behaviour of its own are still shaped and kept', async () => {
    const rate = await local.stripe.taxRates.create({
      display_name: 'VAT',
      inclusive: true,
      percentage: 19.5,
    });
    expect(rate).toMatchObject({ object: 'tax_rate', active: true, percentage: 19.5, livemode: false });
    expect(await local.stripe.taxRates.retrieve(rate.id)).toMatchObject({ display_name: 'VAT' });
    expect((await local.stripe.taxRates.update(rate.id, { active: false })).active).toBe(false);
  });

  it('of another account need that account', async () => {
    const error = await refusal(local.stripe.customers.list({}, { stripeAccount: 'acct_unknown' }));
    expect(error).toMatchObject({ statusCode: 403, code: 'account_invalid' });
    const account = await local.stripe.accounts.create({});
    await local.stripe.customers.create({ name: 'theirs' }, { stripeAccount: account.id });
    expect((await local.stripe.customers.list()).data).toEqual([]);
    const theirs = await local.stripe.customers.list({}, { stripeAccount: account.id });
    expect(theirs.data.map(({ name }) => name)).toEqual(['theirs']);
  });
});

describe('lists', () => {
  it('are newest first, with cursors both ways', async () => {
    const { customers } = local.stripe;
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await customers.create({ name: `c${n}` })).id);
    const first = await customers.list({ limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first).toMatchObject({ has_more: true, url: '/v1/customers' });
    const next = await customers.list({ limit: 2, starting_after: ids[1] ?? '' });
    expect(next.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const before = await customers.list({ limit: 2, ending_before: ids[4] ?? '' });
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const all = await customers.list({ limit: 2 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  it('are filtered by fields and by ranges of time', async () => {
    const { customers } = local.stripe;
    const early = await customers.create({ email: 'early@example.com' });
    await local.sim.clock.advance(3600);
    await customers.create({ email: 'late@example.com' });
    const late = await customers.list({ created: { gt: early.created } });
    expect(late.data.map(({ email }) => email)).toEqual(['late@example.com']);
    const byMail = await customers.list({ email: 'early@example.com' });
    expect(byMail.data.map(({ id }) => id)).toEqual([early.id]);
  });

  it('refuse a limit above 100 and a cursor that does not exist', async () => {
    const { customers } = local.stripe;
    expect((await refusal(customers.list({ limit: 101 }))).param).toBe('limit');
    expect((await refusal(customers.list({ starting_after: 'cus_gone' }))).param).toBe('starting_after');
  });
});

describe('expand', () => {
  it('replaces ids by objects, through lists and several levels', async () => {
    const customer = await local.stripe.customers.create({ name: 'Ada' });
    await local.stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer: customer.id });
    const list = await local.stripe.paymentIntents.list({ expand: ['data.customer'] });
    expect(list.data[0]?.customer).toMatchObject({ id: customer.id, name: 'Ada' });
  });

  it('refuses a field that is no reference, and more than four levels', async () => {
    const { paymentIntents } = local.stripe;
    const { id } = await paymentIntents.create({ amount: 500, currency: 'usd' });
    const unknown = await refusal(paymentIntents.retrieve(id, { expand: ['status_quo'] }));
    expect(unknown.message).toBe('This property cannot be expanded (status_quo).');
    expect((await refusal(paymentIntents.retrieve(id, { expand: ['a.b.c.d.e'] }))).statusCode).toBe(400);
  });

  it('shows a deleted customer as deleted', async () => {
    const { customers, paymentIntents } = local.stripe;
    const customer = await customers.create();
    const { id } = await paymentIntents.create({ amount: 500, currency: 'usd', customer: customer.id });
    await customers.del(customer.id);
    const intent = await paymentIntents.retrieve(id, { expand: ['customer'] });
    expect(intent.customer).toEqual({ id: customer.id, object: 'customer', deleted: true });
  });
});

describe('search', () => {
  it('finds by field and by metadata', async () => {
    await local.stripe.customers.create({ email: 'a@example.com', metadata: { tier: 'gold' } });
    await local.stripe.customers.create({ email: 'b@example.com' });
    const gold = await local.stripe.customers.search({ query: "metadata['tier']:'gold'" });
    expect(gold.data.map(({ email }) => email)).toEqual(['a@example.com']);
    const none = await local.stripe.customers.search({
      query: "email:'b@example.com' AND metadata['tier']:'gold'",
    });
    expect(none.data).toEqual([]);
  });
});
