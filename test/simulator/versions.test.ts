import { describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { startLocal, useSimulator } from './support/simulator.ts';
import {
  ALL,
  AUGUST_2020,
  CLOVER,
  DAHLIA,
  ENDIVE,
  OCTOBER_2023,
  call,
  paidIntent,
  shown,
  subscribed,
} from './support/versions.ts';

const local = useSimulator();

describe('an answer', () => {
  it('says in which version it is', async () => {
    for (const version of ALL) {
      const answer = await local.raw('/v1/customers', { headers: { 'stripe-version': version } });
      expect(answer.headers.get('stripe-version')).toBe(version);
    }
  });

  it('of a version that is none is a refusal', async () => {
    const headers = { 'stripe-version': 'yesterday' };
    const { status, body } = await local.raw('/v1/customers', { headers });
    expect(status).toBe(400);
    expect(body.error.message).toBe('Invalid Stripe API version: yesterday');
    const beta = await local.raw('/v1/customers', {
      headers: { 'stripe-version': `${DAHLIA}; some_beta=v1` },
    });
    expect(beta.status).toBe(200);
  });

  it.each(['2019-99-99', '2023-02-29', '2026-10-29.endive', '2099-01-01', '2026-13-01.preview'])(
    'of a day that never was, or is yet to come, is a refusal: %s',
    async (version) => {
      const { status, body } = await local.raw('/v1/customers', { headers: { 'stripe-version': version } });
      expect([status, body.error.message]).toEqual([400, `Invalid Stripe API version: ${version}`]);
      await expect(startLocal({ apiVersion: version })).rejects.toMatchObject({ code: 'invalid_options' });
    },
  );

  it.each(['2011-01-01', '2024-02-29', '2026-10-28.preview', '2026-11-25.preview'])(
    'older, or a preview, is taken: %s',
    async (version) => {
      const answer = await local.raw('/v1/customers', { headers: { 'stripe-version': version } });
      expect(answer.status).toBe(200);
    },
  );

  it('that is none keeps the simulator from starting, and says why', async () => {
    await expect(startLocal({ apiVersion: 'zzz' })).rejects.toThrow(
      'apiVersion is "zzz", which is no version',
    );
  });

  it('is of the version that the simulator was started with where the request names none', async () => {
    const old = await startLocal({ apiVersion: AUGUST_2020 });
    const made = await old.raw('/v1/payment_intents', { method: 'POST', body: 'amount=500&currency=usd' });
    expect(made.body).toMatchObject({ charges: { data: [] }, payment_method_types: ['card'] });
    const [event] = (await old.stripe.events.list({ limit: 1 })).data;
    expect(event).toMatchObject({ api_version: AUGUST_2020, data: { object: { charges: { data: [] } } } });
    await old.sim.close();
  });
});

describe('payments', () => {
  it('list their charges, and name their invoice, in older versions', async () => {
    const { id, latest_charge: charge } = await paidIntent(local);
    expect(await shown(local, `/v1/payment_intents/${id}`, ['charges', 'invoice', 'latest_charge'])).toEqual({
      [ENDIVE]: ['latest_charge'],
      [DAHLIA]: ['latest_charge'],
      [CLOVER]: ['latest_charge'],
      [OCTOBER_2023]: ['invoice', 'latest_charge'],
      [AUGUST_2020]: ['charges', 'invoice', 'latest_charge'],
    });
    const old = await call(local, 'GET', `/v1/payment_intents/${id}`, AUGUST_2020);
    expect(old).toMatchObject({
      invoice: null,
      charges: { total_count: 1, data: [{ id: charge, invoice: null, refunds: { total_count: 0 } }] },
    });
  });

  it('expand what only older versions have', async () => {
    const { id } = await paidIntent(local);
    const query = 'expand[]=charges.data.balance_transaction';
    const old = await call(local, 'GET', `/v1/payment_intents/${id}`, AUGUST_2020, query);
    expect(old).toMatchObject({
      charges: { data: [{ balance_transaction: { object: 'balance_transaction' } }] },
    });
    const today = await local.raw(`/v1/payment_intents/${id}?${query}`);
    expect(today.status).toBe(400);
  });

  it('choose cards and capture at once where nothing was said, as they did', async () => {
    const ask = 'amount=500&currency=usd';
    expect(await call(local, 'POST', '/v1/payment_intents', AUGUST_2020, ask)).toMatchObject({
      automatic_payment_methods: null,
      capture_method: 'automatic',
      payment_method_types: ['card'],
    });
    const named = `${ask}&payment_method_types[]=card&payment_method_types[]=us_bank_account`;
    expect(await call(local, 'POST', '/v1/payment_intents', AUGUST_2020, named)).toMatchObject({
      payment_method_types: ['card', 'us_bank_account'],
    });
    expect(await call(local, 'POST', '/v1/payment_intents', OCTOBER_2023, ask)).toMatchObject({
      automatic_payment_methods: { enabled: true },
      capture_method: 'automatic',
    });
    expect(await call(local, 'POST', '/v1/payment_intents', CLOVER, ask)).toMatchObject({
      capture_method: 'automatic_async',
    });
  });

  it('look the same in an error', async () => {
    const headers = { 'stripe-version': AUGUST_2020 };
    const body = 'amount=500&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined';
    const declined = await local.raw('/v1/payment_intents', { method: 'POST', headers, body });
    expect(declined.status).toBe(402);
    expect(declined.body.error).toMatchObject({
      payment_intent: { charges: { data: [{ status: 'failed' }] } },
    });
  });

  it.each(['customers', 'refunds', 'setup_intents', 'payment_methods', 'accounts'])(
    'leave %s as they are, since nothing was taken from them',
    async (kind) => {
      const { stripe } = local;
      const { id: intent } = await paidIntent(local);
      const made = {
        customers: () => stripe.customers.create(),
        refunds: () => stripe.refunds.create({ payment_intent: intent }),
        setup_intents: () => stripe.setupIntents.create(),
        payment_methods: () => stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } }),
        accounts: () => stripe.accounts.create({ country: 'DE' }),
      }[kind];
      const { id } = (await made?.()) ?? { id: '' };
      const forms = await Promise.all(ALL.map((version) => call(local, 'GET', `/v1/${kind}/${id}`, version)));
      for (const form of forms) expect(form).toEqual(forms[0]);
    },
  );
});

describe('an endpoint', () => {
  it('gets events in its own version, with what changed in that version', async () => {
    const target = await Receiver.start();
    const { secret } = await local.stripe.webhookEndpoints.create({
      url: target.url,
      enabled_events: ['payment_intent.succeeded', 'customer.subscription.updated'],
      api_version: AUGUST_2020,
    });
    target.secrets = [secret ?? ''];
    await paidIntent(local);
    const { event } = await target.waitFor('payment_intent.succeeded');
    expect(event).toMatchObject({
      api_version: AUGUST_2020,
      data: { object: { charges: { total_count: 1 } } },
    });
    const { id, items } = await subscribed(local);
    const item = items.data[0]?.id ?? '';
    await local.stripe.subscriptions.update(id, { items: [{ id: item, quantity: 3 }], metadata: { a: 'b' } });
    const { event: updated } = await target.waitFor('customer.subscription.updated');
    expect(updated.data).toMatchObject({
      object: { discount: null, quantity: 3 },
      previous_attributes: { quantity: 1 },
    });
    const stored = await local.stripe.events.retrieve(event.id);
    expect(stored.api_version).toBe(ENDIVE);
    expect(stored.data.object).not.toHaveProperty('charges');
    target.close();
  });
});
