import { describe, expect, it } from 'vitest';
import { balanceOf, DAY_SECONDS, expectToAddUp, pay } from './support/money.ts';
import { eventTypes, makeSeller } from './support/seller.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a transfer', () => {
  it('of a charge waits for it, and never exceeds it', async () => {
    const seller = await makeSeller(local);
    const intent = await pay(local, { payment_method: 'pm_card_visa' });
    const source_transaction = idOf(intent.latest_charge);
    const transfer = { currency: 'usd', destination: seller.id, source_transaction };
    await local.stripe.transfers.create({ ...transfer, amount: 7_000 });
    const error = await refusal(local.stripe.transfers.create({ ...transfer, amount: 3_001 }));
    expect(error.param).toBe('amount');
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [0, 7_000] });
    await local.sim.clock.advance(2 * 3600);
    await expectToAddUp(local);
  });

  it('of the balance needs money at hand, and an account that may have it', async () => {
    const seller = await makeSeller(local);
    const empty = await local.stripe.accounts.create({ capabilities: { transfers: { requested: true } } });
    const amount = { amount: 1_000, currency: 'usd' };
    const poor = await refusal(local.stripe.transfers.create({ ...amount, destination: seller.id }));
    expect(poor.code).toBe('balance_insufficient');
    await pay(local);
    const unready = await refusal(local.stripe.transfers.create({ ...amount, destination: empty.id }));
    expect(unready.code).toBe('insufficient_capabilities_for_transfer');
    const nobody = await refusal(local.stripe.transfers.create({ ...amount, destination: 'acct_1Nobody' }));
    expect(nobody).toMatchObject({ code: 'resource_missing', param: 'destination' });
    expect(await local.stripe.transfers.create({ ...amount, destination: seller.id })).toMatchObject(amount);
  });

  it('is reversed in parts and then no more', async () => {
    const seller = await makeSeller(local);
    await pay(local);
    const { id } = await local.stripe.transfers.create({
      amount: 1_000,
      currency: 'usd',
      destination: seller.id,
    });
    await local.stripe.transfers.createReversal(id, { amount: 400 });
    const last = await local.stripe.transfers.createReversal(id, { metadata: { why: 'late' } });
    expect(last).toMatchObject({ amount: 600, transfer: id, metadata: { why: 'late' } });
    expect(await local.stripe.transfers.retrieve(id)).toMatchObject({
      amount_reversed: 1_000,
      reversed: true,
    });
    expect((await refusal(local.stripe.transfers.createReversal(id))).statusCode).toBe(400);
    expect((await local.stripe.transfers.listReversals(id)).data).toHaveLength(2);
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [0, 0] });
    await expectToAddUp(local);
  });
});

describe('a payout', () => {
  const settled = { stripeAccount: '' };

  it('is pending, then on its way, then paid', async () => {
    await pay(local);
    const { id } = await local.stripe.payouts.create({ amount: 1_100, currency: 'usd' });
    expect(await balanceOf(local)).toEqual({ usd: [8_580, 0] });
    // No longer than until it is sent: it arrives by midnight, which may be a moment later.
    await local.sim.clock.advance(6 * 3600);
    expect((await local.stripe.payouts.retrieve(id)).status).toBe('in_transit');
    await local.sim.clock.advance(5 * DAY_SECONDS);
    expect((await local.stripe.payouts.retrieve(id)).status).toBe('paid');
    const types = (await eventTypes(local)).filter((type) => type.startsWith('payout.'));
    expect(types).toEqual(['payout.created', 'payout.updated', 'payout.paid']);
    await expectToAddUp(local);
  });

  it('to a closed account fails after it was paid, and the money and the account come back', async () => {
    const seller = await makeSeller(local, { external_account: 'btok_us_verified_accountClosed' });
    settled.stripeAccount = seller.id;
    await pay(local, {}, seller.id);
    const { id } = await local.stripe.payouts.create({ amount: 10_000, currency: 'usd' }, settled);
    await local.sim.clock.advance(6 * DAY_SECONDS);
    const failed = await local.stripe.payouts.retrieve(id, {}, settled);
    expect(failed).toMatchObject({ status: 'failed', failure_code: 'account_closed' });
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [10_000, 0] });
    const account = await local.stripe.accounts.retrieve(seller.id);
    expect(account.payouts_enabled).toBe(false);
    expect(account.external_accounts?.data[0]).toMatchObject({ status: 'errored' });
    expect(await eventTypes(local, seller.id)).toEqual(
      expect.arrayContaining(['payout.paid', 'payout.failed', 'account.external_account.updated']),
    );
    await expectToAddUp(local, seller.id);
  });

  it('runs by itself every day for a connected account, and lists what it took along', async () => {
    const seller = await makeSeller(local);
    settled.stripeAccount = seller.id;
    await pay(local, { payment_method: 'pm_card_visa' }, seller.id);
    await local.sim.clock.advance(4 * DAY_SECONDS);
    const { data } = await local.stripe.payouts.list({}, settled);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ amount: 10_000, automatic: true });
    const taken = await local.stripe.balanceTransactions.list({ payout: data[0]?.id ?? '' }, settled);
    expect(taken.data.map(({ type }) => type)).toEqual(['payout', 'charge']);
    expect(await balanceOf(local, seller.id)).toEqual({ usd: [0, 0] });
  });

  it('does not run by itself for who pays out by hand', async () => {
    const seller = await makeSeller(local, { settings: { payouts: { schedule: { interval: 'manual' } } } });
    settled.stripeAccount = seller.id;
    expect(seller.settings?.payouts?.schedule.interval).toBe('manual');
    await pay(local, {}, seller.id);
    await local.sim.clock.advance(4 * DAY_SECONDS);
    expect((await local.stripe.payouts.list({}, settled)).data).toEqual([]);
    await local.stripe.balanceSettings.update(
      { payments: { payouts: { schedule: { interval: 'weekly', weekly_payout_days: ['tuesday'] } } } },
      settled,
    );
    await local.sim.clock.advance(7 * DAY_SECONDS);
    const [first] = (await local.stripe.payouts.list({}, settled)).data;
    expect(new Date((first?.created ?? 0) * 1000).getUTCDay()).toBe(2);
  });

  it('of more than there is, or from an account that is not ready, is refused', async () => {
    const more = await refusal(local.stripe.payouts.create({ amount: 1, currency: 'usd' }));
    expect(more.code).toBe('balance_insufficient');
    const { id } = await local.stripe.accounts.create({});
    const unready = local.stripe.payouts.create({ amount: 1, currency: 'usd' }, { stripeAccount: id });
    expect((await refusal(unready)).statusCode).toBe(400);
  });

  it('can be canceled while pending, at once, and reversed when paid', async () => {
    await pay(local, { amount: 50_000 });
    const first = await local.stripe.payouts.create({ amount: 1_000, currency: 'usd' });
    expect((await local.stripe.payouts.cancel(first.id)).status).toBe('canceled');
    const instant = await local.stripe.payouts.create({ amount: 10_000, currency: 'usd', method: 'instant' });
    await local.sim.clock.advance(120);
    expect((await local.stripe.payouts.retrieve(instant.id)).status).toBe('paid');
    const reversal = await local.stripe.payouts.reverse(instant.id);
    expect(reversal).toMatchObject({ amount: -10_000, original_payout: instant.id });
    await local.sim.clock.advance(6 * DAY_SECONDS);
    await expectToAddUp(local);
  });
});

it('a top-up adds to the balance, or fails as its bank does', async () => {
  const good = await local.stripe.topups.create({ amount: 2_000, currency: 'usd', description: 'float' });
  const bad = await local.stripe.topups.create({
    amount: 500,
    currency: 'usd',
    source: 'btok_us_verified_insufficientFunds',
  });
  expect(good.status).toBe('pending');
  await local.sim.clock.advance(10);
  expect((await local.stripe.topups.retrieve(good.id)).status).toBe('succeeded');
  expect(await local.stripe.topups.retrieve(bad.id)).toMatchObject({
    status: 'failed',
    failure_code: 'insufficient_funds',
  });
  expect(await balanceOf(local)).toEqual({ usd: [2_000, 0] });
  expect(await eventTypes(local)).toEqual(
    expect.arrayContaining(['topup.created', 'topup.succeeded', 'topup.failed']),
  );
});
