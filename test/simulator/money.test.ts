import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { balanceOf, DAY_SECONDS, expectToAddUp, pay } from './support/money.ts';
import { eventTypes, makeSeller } from './support/seller.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a balance', () => {
  it('is the sum of its transactions, available and pending, in every currency', async () => {
    await pay(local, { amount: 2_000 });
    await pay(local, { amount: 5_000, payment_method: 'pm_card_visa' });
    const yen = await pay(local, { amount: 3_000, currency: 'jpy', payment_method: 'pm_card_visa' });
    await local.sim.clock.advance(5);
    await local.stripe.refunds.create({ payment_intent: yen.id, amount: 1_000 });
    await local.stripe.topups.create({ amount: 700, currency: 'usd' });
    await local.sim.clock.advance(10);
    const before = await balanceOf(local);
    expect(before['usd']).toEqual([2_000 - 88 + 700, 5_000 - 175]);
    expect(before['jpy']?.[0]).toBe(0);
    await expectToAddUp(local);
    await local.sim.clock.advance(4 * DAY_SECONDS);
    await expectToAddUp(local);
    expect((await balanceOf(local))['jpy']?.[1]).toBe(0);
    expect(await eventTypes(local)).toContain('balance.available');
  });

  it('that is short makes a refund wait until new money comes', async () => {
    const { id } = await pay(local);
    await local.stripe.payouts.create({ amount: 9_680, currency: 'usd' });
    const waiting = await local.stripe.refunds.create({ payment_intent: id });
    expect(waiting).toMatchObject({ status: 'pending', pending_reason: 'insufficient_funds' });
    await pay(local, { amount: 20_000 });
    await local.sim.clock.advance(1);
    const paid = await local.stripe.refunds.retrieve(waiting.id);
    expect(paid).toMatchObject({ status: 'succeeded' });
    expect(paid.balance_transaction).toMatch(/^txn_/);
    await expectToAddUp(local);
  });
});

it('what could be paid out at once is shown to whose bank takes it, less the fee', async () => {
  const seller = await makeSeller(local);
  const slow = await makeSeller(local, {
    external_account: {
      object: 'bank_account',
      country: 'US',
      currency: 'usd',
      routing_number: '110000000',
      account_number: '000888888883',
    },
  });
  for (const { id } of [seller, slow]) await pay(local, { amount: 10_000 }, id);
  const shown = await local.stripe.balance.retrieve(
    { expand: ['instant_available.net_available'] },
    { stripeAccount: seller.id },
  );
  expect(shown.instant_available).toMatchObject([
    { amount: 10_000, currency: 'usd', net_available: [{ amount: 9_901 }] },
  ]);
  const payout = { amount: 9_901, currency: 'usd', method: 'instant' } as const;
  await local.stripe.payouts.create(payout, { stripeAccount: seller.id });
  expect(await balanceOf(local, seller.id)).toEqual({ usd: [0, 0] });
  const other = await local.stripe.balance.retrieve({}, { stripeAccount: slow.id });
  expect(other.instant_available).toEqual([]);
});

describe('a direct charge', () => {
  it('leaves the fee with the platform and the rest with the account', async () => {
    const seller = await makeSeller(local);
    const intent = await pay(local, { application_fee_amount: 1_000 }, seller.id);
    const charge = intent.latest_charge as Stripe.Charge;
    const fee = await local.stripe.applicationFees.retrieve(idOf(charge.application_fee));
    expect(fee).toMatchObject({ amount: 1_000, account: seller.id, charge: charge.id });
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [9_000, 0] });
    // The platform pays Stripe's fees for accounts of this kind.
    expect(await balanceOf(local)).toEqual({ usd: [1_000 - 320, 0] });
    await expectToAddUp(local, seller.id);
    await expectToAddUp(local);
    expect(await eventTypes(local)).toContain('application_fee.created');
  });

  it('that is refunded with its fee takes from both in proportion', async () => {
    const seller = await makeSeller(local);
    const intent = await pay(local, { application_fee_amount: 999 }, seller.id);
    const where = { stripeAccount: seller.id };
    for (const amount of [3_333, 3_333, 3_334])
      await local.stripe.refunds.create(
        { payment_intent: intent.id, amount, refund_application_fee: true },
        where,
      );
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [0, 0] });
    const fees = await local.stripe.applicationFees.list();
    expect(fees.data[0]).toMatchObject({ amount_refunded: 999, refunded: true });
    expect(fees.data[0]?.refunds.data).toHaveLength(3);
    await expectToAddUp(local);
  });

  it('is not to be seen on the platform', async () => {
    const seller = await makeSeller(local);
    const { id } = await pay(local, {}, seller.id);
    expect((await refusal(local.stripe.paymentIntents.retrieve(id))).code).toBe('resource_missing');
    expect(await eventTypes(local)).not.toContain('payment_intent.succeeded');
    expect(await eventTypes(local, seller.id)).toContain('payment_intent.succeeded');
  });
});

describe('a destination charge', () => {
  const split = (destination: string) => ({
    application_fee_amount: 1_230,
    transfer_data: { destination },
  });

  it('arrives as a payment, and its fee goes back to the platform', async () => {
    const seller = await makeSeller(local);
    const intent = await pay(local, split(seller.id));
    const charge = await local.stripe.charges.retrieve(idOf(intent.latest_charge), { expand: ['transfer'] });
    const transfer = charge.transfer as Stripe.Transfer;
    expect(transfer).toMatchObject({ amount: 10_000, source_transaction: charge.id, reversed: false });
    const payment = await local.stripe.charges.retrieve(
      idOf(transfer.destination_payment),
      {},
      { stripeAccount: seller.id },
    );
    expect(payment).toMatchObject({ amount: 10_000, application_fee_amount: 1_230 });
    // What one side names of the other can be expanded.
    const whole = await local.stripe.transfers.retrieve(transfer.id, {
      expand: ['destination', 'destination_payment.balance_transaction'],
    });
    expect(whole).toMatchObject({
      destination: { object: 'account', id: seller.id },
      destination_payment: { id: payment.id, balance_transaction: { net: 8_770 } },
    });
    expect(payment.id).toMatch(/^py_/);
    expect(payment.source_transfer).toBe(transfer.id);
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [8_770, 0] });
    expect(await balanceOf(local)).toEqual({ usd: [1_230 - 320, 0] });
    await expectToAddUp(local);
    await expectToAddUp(local, seller.id);
    // A list of several kinds of sources: a path is followed in those that have it.
    const { data } = await local.stripe.balanceTransactions.list(
      { expand: ['data.source.source_transfer', 'data.source.charge.source_transfer'] },
      { stripeAccount: seller.id },
    );
    expect(data[0]?.source).toMatchObject({ source_transfer: { id: transfer.id } });
    const own = local.stripe.balanceTransactions.list({ expand: ['data.source.source_transfer'] });
    expect((await own).data.map(({ type }) => type)).toContain('transfer');
    const stray = local.stripe.balanceTransactions.list({ expand: ['data.source.amount_of_nothing'] });
    expect((await refusal(stray)).message).toContain('cannot be expanded');
  });

  it('that is refunded leaves all to the platform, unless it is to be reversed', async () => {
    const seller = await makeSeller(local);
    await pay(local, { amount: 50_000 });
    const alone = await pay(local, split(seller.id));
    await local.stripe.refunds.create({ payment_intent: alone.id });
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [8_770, 0] });
    const shared = await pay(local, split(seller.id));
    const refund = await local.stripe.refunds.create({
      payment_intent: shared.id,
      reverse_transfer: true,
      refund_application_fee: true,
    });
    expect(refund.transfer_reversal).toMatch(/^trr_/);
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [8_770, 0] });
    expect(await eventTypes(local)).toEqual(
      expect.arrayContaining(['transfer.reversed', 'application_fee.refunded']),
    );
    await expectToAddUp(local);
    await expectToAddUp(local, seller.id);
  });

  it('passes on a fixed amount when one is given', async () => {
    const seller = await makeSeller(local);
    await pay(local, { transfer_data: { destination: seller.id, amount: 4_000 } });
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [4_000, 0] });
  });

  it.each([
    ['a fee above the amount', { application_fee_amount: 10_001 }, 'amount_too_large'],
    ['a fee and a fixed amount', { application_fee_amount: 1, amount: 2 }, 'parameters_exclusive'],
  ])('with %s is refused', async (_, { application_fee_amount, ...amount }, code) => {
    const seller = await makeSeller(local);
    const transfer_data = { destination: seller.id, ...amount };
    expect((await refusal(pay(local, { application_fee_amount, transfer_data }))).code).toBe(code);
  });

  it('with a reversal that the seller can no longer pay is not refunded at all', async () => {
    const seller = await makeSeller(local);
    const intent = await pay(local, split(seller.id));
    await local.stripe.payouts.create({ amount: 8_770, currency: 'usd' }, { stripeAccount: seller.id });
    await pay(local, { amount: 50_000 });
    const error = await refusal(
      local.stripe.refunds.create({ payment_intent: intent.id, reverse_transfer: true }),
    );
    expect(error.code).toBe('balance_insufficient');
    expect((await local.stripe.refunds.list()).data).toEqual([]);
  });
});
