import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

async function types(): Promise<string[]> {
  const { data } = await local.stripe.events.list({ limit: 100 });
  return data.map(({ type }) => type).toReversed();
}

describe('cards of a customer from before payment methods', () => {
  it('are added by a token, changed, listed, charged and removed', async () => {
    const { stripe } = local;
    const { id } = await stripe.customers.create();
    const card = await stripe.customers.createSource(id, { source: 'tok_visa' });
    expect(card).toMatchObject({ object: 'card', brand: 'Visa', last4: '4242', customer: id });
    await stripe.customers.updateSource(id, card.id, { metadata: { a: 'b' } });
    const customer = await stripe.customers.retrieve(id, { expand: ['sources'] });
    expect(customer).toMatchObject({
      default_source: card.id,
      sources: { data: [{ metadata: { a: 'b' } }] },
    });
    const paid = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      confirm: true,
      customer: id,
      payment_method: card.id,
      return_url: 'https://shop.example',
    });
    expect(paid.status).toBe('succeeded');
    await stripe.customers.deleteSource(id, card.id);
    expect((await stripe.customers.listSources(id)).data).toEqual([]);
    expect(await types()).toEqual(
      expect.arrayContaining(['customer.source.created', 'customer.source.deleted']),
    );
    const gone = await refusal(stripe.customers.retrieveSource(id, card.id));
    expect(gone.statusCode).toBe(404);
  });
});

describe('issued cards', () => {
  async function issued(status: 'active' | 'inactive') {
    const { cardholders, cards } = local.stripe.issuing;
    const address = { line1: '1 Street', city: 'Town', postal_code: '12345', country: 'US' };
    const holder = await cardholders.create({ type: 'individual', name: 'Ada Buyer', billing: { address } });
    return cards.create({ cardholder: holder.id, currency: 'usd', type: 'virtual', status });
  }

  it('are asked for money, hold it, and pay it', async () => {
    const card = await issued('active');
    expect(card).toMatchObject({ brand: 'Visa', cardholder: { name: 'Ada Buyer' }, status: 'active' });
    const { authorizations } = local.stripe.testHelpers.issuing;
    const held = await authorizations.create({ card: card.id, amount: 700 });
    expect(held).toMatchObject({ approved: true, amount: 700, status: 'pending' });
    const closed = await authorizations.capture(held.id);
    expect(closed).toMatchObject({
      status: 'closed',
      transactions: [{ amount: -700, authorization: held.id }],
    });
    expect(await types()).toEqual([
      'issuing_cardholder.created',
      'issuing_card.created',
      'issuing_authorization.request',
      'issuing_authorization.created',
      'issuing_transaction.created',
      'issuing_authorization.updated',
    ]);
    expect((await refusal(authorizations.capture(held.id))).statusCode).toBe(400);
  });

  it('refuse to pay while they are inactive, and get money back', async () => {
    const card = await issued('inactive');
    const { authorizations, transactions } = local.stripe.testHelpers.issuing;
    expect(await authorizations.create({ card: card.id, amount: 700 })).toMatchObject({
      approved: false,
      amount: 0,
    });
    const paid = await transactions.createForceCapture({ card: card.id, amount: 300 });
    await transactions.refund(paid.id, { refund_amount: 100 });
    const { data } = await local.stripe.issuing.transactions.list({ card: card.id });
    expect(data.map(({ amount, type }) => [amount, type])).toEqual([
      [100, 'refund'],
      [-200, 'capture'],
    ]);
  });
});

it('a verification session is canceled once, and redacted', async () => {
  const { verificationSessions: sessions } = local.stripe.identity;
  const { id, status } = await sessions.create({ type: 'document' });
  expect(status).toBe('requires_input');
  for (const _time of [1, 2]) expect((await sessions.cancel(id)).status).toBe('canceled');
  expect((await sessions.redact(id)).redaction).toEqual({ status: 'redacted' });
  const named = ['created', 'canceled', 'redacted'].map((word) => `identity.verification_session.${word}`);
  expect(await types()).toEqual(named);
});

it('a report is there a moment later', async () => {
  const { reportRuns } = local.stripe.reporting;
  const { id, status } = await reportRuns.create({ report_type: 'balance.summary.1' });
  expect(status).toBe('pending');
  await local.sim.clock.advance(1);
  expect((await reportRuns.retrieve(id)).status).toBe('succeeded');
  expect(await types()).toEqual(['reporting.report_run.succeeded']);
});

it('an ephemeral key is for one customer, for an hour', async () => {
  const { stripe } = local;
  const { id } = await stripe.customers.create();
  const key = await stripe.ephemeralKeys.create({ customer: id }, { apiVersion: '2026-10-28.endive' });
  expect(key).toMatchObject({ associated_objects: [{ id, type: 'customer' }], expires: key.created + 3600 });
  expect(key.secret).toMatch(/^ek_test_/);
  const missing = await refusal(stripe.ephemeralKeys.create({}, { apiVersion: '2026-10-28.endive' }));
  expect(missing.statusCode).toBe(400);
});

it('taxes of a seller who is registered nowhere come to nothing, line by line', async () => {
  const calculation = await local.stripe.tax.calculations.create({
    currency: 'usd',
    customer_details: {
      address: { country: 'US', state: 'TX', postal_code: '75134' },
      address_source: 'shipping',
    },
    line_items: [
      { amount: 1000, reference: 'a' },
      { amount: 500, reference: 'b', quantity: 2 },
    ],
    shipping_cost: { amount: 250 },
    expand: ['line_items.data.tax_breakdown'],
  });
  expect(calculation).toMatchObject({ amount_total: 1750, tax_amount_exclusive: 0 });
  const [first] = calculation.line_items?.data ?? [];
  expect(first).toMatchObject({ amount_tax: 0, tax_breakdown: [{ taxability_reason: 'not_collecting' }] });
  const { data } = await local.stripe.tax.calculations.listLineItems(calculation.id ?? '');
  expect(data.map(({ reference }) => reference)).toEqual(['a', 'b']);
});

describe('money that customers send', () => {
  async function owing(amount: number) {
    const { stripe } = local;
    const { id: customer } = await stripe.customers.create();
    const intent = await stripe.paymentIntents.create({
      amount,
      currency: 'usd',
      customer,
      allowed_payment_method_types: ['customer_balance'],
      payment_method_data: { type: 'customer_balance' },
      payment_method_options: {
        customer_balance: { funding_type: 'bank_transfer', bank_transfer: { type: 'us_bank_transfer' } },
      },
      confirm: true,
    });
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: {
        display_bank_transfer_instructions: {
          amount_remaining: amount,
          financial_addresses: [{ type: 'aba' }, { type: 'swift' }],
        },
      },
    });
    return { customer, intent: intent.id };
  }

  const fund = (customer: string, amount: number) =>
    local.stripe.testHelpers.customers.fundCashBalance(customer, { amount, currency: 'usd' });

  it('pays what is owed in part, then in full, and the rest is kept', async () => {
    const { customer, intent } = await owing(3000);
    await fund(customer, 1000);
    const partly = await local.stripe.paymentIntents.retrieve(intent);
    expect(partly.next_action?.display_bank_transfer_instructions?.amount_remaining).toBe(2000);
    await fund(customer, 2500);
    expect(await local.stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'succeeded' });
    const balance = await local.stripe.customers.retrieveCashBalance(customer);
    expect(balance.available).toEqual({ usd: 500 });
    const { data } = await local.stripe.customers.listCashBalanceTransactions(customer);
    expect(data.map(({ net_amount }) => net_amount)).toEqual([-2000, 2500, -1000, 1000]);
    const about = (await types()).filter((type) => /funded|funds|succeeded/.test(type));
    expect(about).toEqual([
      'payment_intent.partially_funded',
      'charge.succeeded',
      'payment_intent.succeeded',
      'cash_balance.funds_available',
    ]);
  });

  it('waits where the account reconciles by hand', async () => {
    const { customer, intent } = await owing(3000);
    const settings = { reconciliation_mode: 'manual' } as const;
    await local.stripe.customers.updateCashBalance(customer, { settings });
    await fund(customer, 3000);
    expect(await local.stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'requires_action' });
    const { cash_balance: shown } = (await local.stripe.customers.retrieve(customer, {
      expand: ['cash_balance'],
    })) as Stripe.Customer;
    expect(shown).toMatchObject({ available: { usd: 3000 }, settings });
  });
});
