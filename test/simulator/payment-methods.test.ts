import { describe, expect, it } from 'vitest';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('attaching', () => {
  it('a ready-made method makes a copy of its own', async () => {
    const customer = await local.stripe.customers.create();
    const method = await local.stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    expect(method.id).toMatch(/^pm_1/);
    expect(method).toMatchObject({
      customer: customer.id,
      card: { last4: '4242', checks: { cvc_check: 'pass' } },
    });
  });

  it('what is attached already is refused', async () => {
    const one = await local.stripe.customers.create();
    const two = await local.stripe.customers.create();
    const { id } = await local.stripe.paymentMethods.attach('pm_card_visa', { customer: one.id });
    const error = await refusal(local.stripe.paymentMethods.attach(id, { customer: two.id }));
    expect(error.message).toBe('The payment method you provided has already been attached to a customer.');
  });

  it('a card that the bank declines is refused, but for the one which only fails when charged', async () => {
    const { id: customer } = await local.stripe.customers.create();
    const declined = local.stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer });
    expect((await refusal(declined)).code).toBe('card_declined');
    const later = await local.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const charge = local.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer,
      payment_method: later.id,
      confirm: true,
      off_session: true,
    });
    expect((await refusal(charge)).code).toBe('card_declined');
  });

  it('and detaching makes the method unusable', async () => {
    const { id: customer } = await local.stripe.customers.create();
    const { id } = await local.stripe.paymentMethods.attach('pm_card_visa', { customer });
    expect((await local.stripe.paymentMethods.detach(id)).customer).toBeNull();
    const pay = { amount: 500, currency: 'usd', payment_method: id, confirm: true } as const;
    expect((await refusal(local.stripe.paymentIntents.create(pay))).message).toContain(
      'detached from a Customer',
    );
  });

  it('at the creation of the customer is one object under one ready-made id', async () => {
    const customer = await local.stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const { data } = await local.stripe.customers.listPaymentMethods(customer.id);
    expect(data.map(({ id }) => id)).toEqual([customer.invoice_settings.default_payment_method]);
  });

  it('something that does not exist is 404', async () => {
    const call = local.stripe.paymentMethods.attach('invalid', { customer: 'cus_x' });
    expect(await refusal(call)).toMatchObject({ statusCode: 404, param: 'payment_method' });
  });
});

describe('a typed card', () => {
  it.each([
    [{ number: '4242424242424241', exp_month: 12, exp_year: 2040 }, 'incorrect_number'],
    [{ number: '4242424242424242', exp_month: 13, exp_year: 2040 }, 'invalid_expiry_month'],
    [{ number: '4242424242424242', exp_month: 12, exp_year: 2020 }, 'invalid_expiry_year'],
    [{ number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '12' }, 'invalid_cvc'],
  ])('that can’t be one is refused: %j', async (card, code) => {
    const browser = clientOf(local.sim, 'pk_test_browser');
    const call = browser.paymentMethods.create({ type: 'card', card });
    expect(await refusal(call)).toMatchObject({ type: 'StripeCardError', code });
  });

  it('that is no test card is declined when it is to pay', async () => {
    const card = { number: '4111111111111111', exp_month: 12, exp_year: 2040, cvc: '123' };
    const { id } = await local.stripe.paymentMethods.create({ type: 'card', card });
    const pay = { amount: 500, currency: 'usd', payment_method: id, confirm: true } as const;
    const error = await refusal(local.stripe.paymentIntents.create(pay));
    expect(error).toMatchObject({ code: 'card_declined', decline_code: 'test_mode_live_card' });
  });

  it('has the same fingerprint each time', async () => {
    const card = { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '123' };
    const one = await local.stripe.paymentMethods.create({ type: 'card', card });
    const two = await local.stripe.paymentMethods.create({ type: 'card', card });
    expect(one.card?.fingerprint).toBe(two.card?.fingerprint);
  });
});
