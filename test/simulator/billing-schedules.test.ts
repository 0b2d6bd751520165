import { describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  NEW_YEAR,
  clockAndCustomer,
  eventTypes,
  latestInvoice,
  passTime,
  recurringPrice,
  untilReady,
} from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a schedule', () => {
  it('leads a subscription through its phases and lets it go', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const [cheap, dear] = [await recurringPrice(local, 1_000), await recurringPrice(local, 2_000)];
    const schedule = await local.stripe.subscriptionSchedules.create({
      customer,
      start_date: NEW_YEAR + DAY,
      end_behavior: 'release',
      phases: [
        { items: [{ price: cheap.id }], duration: { interval: 'month', interval_count: 1 } },
        { items: [{ price: dear.id, quantity: 2 }], duration: { interval: 'month', interval_count: 1 } },
      ],
    });
    expect(schedule).toMatchObject({ status: 'not_started', subscription: null });
    await passTime(local, clock, NEW_YEAR + DAY + HOUR);
    const begun = await local.stripe.subscriptionSchedules.retrieve(schedule.id);
    expect(begun.status).toBe('active');
    const id = idOf(begun.subscription);
    expect(await latestInvoice(local, id)).toMatchObject({ total: 1_000, status: 'paid' });
    await passTime(local, clock, NEW_YEAR + 32 * DAY + HOUR);
    expect(await latestInvoice(local, id)).toMatchObject({ total: 4_000, status: 'paid' });
    const { current_phase: phase } = await local.stripe.subscriptionSchedules.retrieve(schedule.id);
    expect(phase?.start_date).toBe(NEW_YEAR + 32 * DAY);
    await passTime(local, clock, NEW_YEAR + 60 * DAY + HOUR);
    expect((await local.stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe('completed');
    expect(await local.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active', schedule: null });
    expect(await eventTypes(local, 'subscription_schedule.')).toEqual([
      'subscription_schedule.created',
      'subscription_schedule.updated',
      'subscription_schedule.updated',
      'subscription_schedule.expiring',
      'subscription_schedule.completed',
    ]);
  });

  it('is made from a running subscription, and ends it if that is wanted', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const { id: price } = await recurringPrice(local, 1_000);
    const { id } = await local.stripe.subscriptions.create({ customer, items: [{ price }] });
    const schedule = await local.stripe.subscriptionSchedules.create({ from_subscription: id });
    expect((await local.stripe.subscriptions.retrieve(id)).schedule).toBe(schedule.id);
    await local.stripe.subscriptionSchedules.update(schedule.id, { end_behavior: 'cancel' });
    await passTime(local, clock, NEW_YEAR + 31 * DAY);
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });

  it('is aborted when its customer is gone before it begins', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const { id: price } = await recurringPrice(local, 1_000);
    const schedule = await local.stripe.subscriptionSchedules.create({
      customer,
      start_date: NEW_YEAR + DAY,
      phases: [{ items: [{ price }] }],
    });
    await local.stripe.customers.del(customer);
    await passTime(local, clock, NEW_YEAR + 2 * DAY);
    expect((await local.stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe('canceled');
    expect(await eventTypes(local)).toContain('subscription_schedule.aborted');
  });

  it('can be released, or canceled with its subscription', async () => {
    const { customer } = await clockAndCustomer(local);
    const { id: price } = await recurringPrice(local, 1_000);
    const create = () =>
      local.stripe.subscriptionSchedules.create({
        customer,
        start_date: 'now',
        phases: [{ items: [{ price }] }],
      });
    const [kept, ended] = [await create(), await create()];
    const released = await local.stripe.subscriptionSchedules.release(kept.id);
    expect(released).toMatchObject({ status: 'released', released_subscription: kept.subscription });
    expect((await local.stripe.subscriptionSchedules.cancel(ended.id)).status).toBe('canceled');
    expect((await local.stripe.subscriptions.retrieve(idOf(kept.subscription))).status).toBe('active');
    expect((await local.stripe.subscriptions.retrieve(idOf(ended.subscription))).status).toBe('canceled');
  });
});

describe('a test clock', () => {
  it('goes forward only, and tells when it is ready', async () => {
    const { clock } = await clockAndCustomer(local);
    const advance = (frozen_time: number) =>
      local.stripe.testHelpers.testClocks.advance(clock, { frozen_time });
    expect((await refusal(advance(NEW_YEAR))).param).toBe('frozen_time');
    const advancing = await advance(NEW_YEAR + DAY);
    expect(advancing).toMatchObject({ status: 'advancing', frozen_time: NEW_YEAR });
    await untilReady(local, clock);
    expect(await eventTypes(local, 'test_helpers.')).toEqual([
      'test_helpers.test_clock.created',
      'test_helpers.test_clock.advancing',
      'test_helpers.test_clock.ready',
    ]);
  });

  it('moves at most two intervals of its shortest subscription ahead', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const { id: price } = await recurringPrice(local, 1_000);
    await local.stripe.subscriptions.create({ customer, items: [{ price }] });
    const far = local.stripe.testHelpers.testClocks.advance(clock, { frozen_time: NEW_YEAR + 60 * DAY });
    expect((await refusal(far)).param).toBe('frozen_time');
  });

  it('takes its customers and their subscriptions with it', async () => {
    const { clock, customer } = await clockAndCustomer(local);
    const { id: price } = await recurringPrice(local, 1_000);
    const { id } = await local.stripe.subscriptions.create({ customer, items: [{ price }] });
    await local.stripe.testHelpers.testClocks.del(clock);
    expect(await local.stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
    expect((await local.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });
});
