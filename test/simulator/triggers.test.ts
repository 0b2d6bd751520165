import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI_VERSIONS } from './support/cli.ts';
import { TriggerBench } from './triggers/bench.ts';

/** One of each sort; `npm run test:triggers` runs all. */
const SAMPLE = [
  'account.application.deauthorized',
  'charge.dispute.updated',
  'cash_balance.funds_available',
  'charge.refund.updated',
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'customer.discount.deleted',
  'customer.source.updated',
  'customer.subscription.trial_will_end',
  'invoice.payment_action_required',
  'invoice.payment_failed',
  'issuing_authorization.request.eu',
  'payment_intent.partially_funded',
  'payment_intent.processing',
  'payout.updated',
  'promotion_code.updated',
  'quote.accepted',
  'setup_intent.setup_failed',
  'subscription.payment_succeeded',
  'test_helpers.test_clock.ready',
  'transfer.reversed',
  'v1.billing.meter.no_meter_found',
];

describe.each(CLI_VERSIONS)('stripe trigger of the real CLI %s', (version) => {
  let bench: TriggerBench;

  beforeAll(async () => {
    bench = await TriggerBench.start(version);
  });
  afterAll(() => bench.close());

  it.each(SAMPLE)('%s passes, and its event is seen and accepted', async (name) => {
    expect(await bench.run(name)).toMatchObject({ name, passed: true, seen: true, note: '' });
  });

  it('says so when an event is never seen', async () => {
    expect(await bench.run('customer.created', 'payout.failed')).toMatchObject({ passed: true, seen: false });
  });
});
