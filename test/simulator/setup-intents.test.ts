import { expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

it('saves a card with the customer, ready to pay later', async () => {
  const customer = await local.stripe.customers.create();
  const intent = await local.stripe.setupIntents.create({
    customer: customer.id,
    payment_method: 'pm_card_visa',
    confirm: true,
  });
  expect(intent).toMatchObject({ status: 'succeeded', usage: 'off_session' });
  const { data } = await local.stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
  expect(data.map(({ id }) => id)).toEqual([intent.payment_method]);
});

it('lets the buyer authenticate first when the bank wants that', async () => {
  const intent = await local.stripe.setupIntents.create({
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
    return_url: 'http://localhost/done',
  });
  expect(intent.status).toBe('requires_action');
  const url = intent.next_action?.redirect_to_url?.url ?? '';
  await fetch(url, {
    method: 'POST',
    body: new URLSearchParams({ outcome: 'complete' }),
    redirect: 'manual',
  });
  expect((await local.stripe.setupIntents.retrieve(intent.id)).status).toBe('succeeded');
});

it('reports a refused card as the last error', async () => {
  const call = local.stripe.setupIntents.create({ payment_method: 'pm_card_chargeDeclined', confirm: true });
  const error = await refusal(call);
  expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' });
  expect(error.setup_intent).toMatchObject({ status: 'requires_payment_method' });
});

it('is cancelled once, and not confirmed after that', async () => {
  const { id } = await local.stripe.setupIntents.create({});
  expect((await local.stripe.setupIntents.cancel(id)).status).toBe('canceled');
  const call = local.stripe.setupIntents.confirm(id, { payment_method: 'pm_card_visa' });
  expect((await refusal(call)).code).toBe('setup_intent_unexpected_state');
});
