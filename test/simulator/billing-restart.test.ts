import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY, NEW_YEAR, passTime, payingCustomer, recurringPrice } from './support/billing.ts';
import { startLocal, type Local } from './support/simulator.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'quittance-billing-'));
});

afterAll(() => rm(dataDir, { recursive: true }));

/** Begins a subscription, on a test clock or on the simulator's own. */
async function subscribe(local: Local, clock?: string): Promise<string> {
  const customer = await payingCustomer(
    local,
    'pm_card_visa',
    clock === undefined ? {} : { test_clock: clock },
  );
  const { id: price } = await recurringPrice(local, 1_000);
  const { id } = await local.stripe.subscriptions.create({ customer: customer.id, items: [{ price }] });
  return id;
}

async function statuses({ stripe }: Local, subscription: string): Promise<(string | null)[]> {
  const { data } = await stripe.invoices.list({ subscription });
  return data.map(({ status }) => status);
}

it('subscriptions renew after a restart, by either clock', async () => {
  const before = await startLocal({ dataDir });
  const clock = await before.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
  const [own, tested] = [await subscribe(before), await subscribe(before, clock.id)];
  await before.sim.close();
  const after = await startLocal({ dataDir });
  expect([await statuses(after, own), await statuses(after, tested)]).toEqual([['paid'], ['paid']]);
  await after.sim.clock.advance(32 * DAY);
  expect([await statuses(after, own), await statuses(after, tested)]).toEqual([['paid', 'paid'], ['paid']]);
  await passTime(after, clock.id, NEW_YEAR + 32 * DAY);
  expect(await statuses(after, tested)).toEqual(['paid', 'paid']);
  await after.sim.close();
});
