import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { makeRandom } from '../../src/simulator/ids.ts';
import { DAY_SECONDS, expectToAddUp, pay } from './support/money.ts';
import { makeSeller } from './support/seller.ts';
import { idOf, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const STEPS = 60;

/** One of these at random; a run is repeated by its seed. */
type Pick = <T>(choices: readonly T[]) => T;

interface World {
  pick: Pick;
  sellers: string[];
  /** Payments so far, with the account that each is on. */
  paid: { intent: string; account: string | undefined }[];
}

const CARDS = ['pm_card_visa', 'pm_card_bypassPending', 'pm_card_createDispute', 'pm_card_refundFail'];
const AMOUNTS = [100, 999, 5_000, 33_333];

/** What may happen to money; what Stripe refuses has simply not happened. */
const MOVES: readonly ((world: World) => Promise<unknown>)[] = [
  async ({ pick, sellers, paid }) => {
    const account = pick([undefined, ...sellers]);
    const amount = pick(AMOUNTS);
    const destination = pick(sellers);
    const split = pick([
      {},
      { application_fee_amount: pick([1, 50, amount]) },
      { application_fee_amount: 7, transfer_data: { destination } },
      { transfer_data: { destination, amount: pick([1, 100]) } },
    ]);
    const payment = { amount, currency: pick(['usd', 'jpy']), payment_method: pick(CARDS), ...split };
    paid.push({ intent: (await pay(local, payment, account)).id, account });
  },
  async ({ pick, paid }) => {
    const { intent, account } = pick(paid);
    const amount = pick([undefined, 1, 33, 100]);
    const flags = { reverse_transfer: pick([true, false]), refund_application_fee: pick([true, false]) };
    const refund = { payment_intent: intent, ...(amount && { amount }), ...flags };
    await local.stripe.refunds.create(refund, account ? { stripeAccount: account } : undefined);
  },
  async ({ pick, sellers, paid }) => {
    const { intent } = pick(paid);
    const { latest_charge: charge } = await local.stripe.paymentIntents.retrieve(intent);
    const source = pick([{}, { source_transaction: idOf(charge) }]);
    const transfer = { amount: pick(AMOUNTS), currency: pick(['usd', 'jpy']), destination: pick(sellers) };
    await local.stripe.transfers.create({ ...transfer, ...source });
  },
  async ({ pick }) => {
    const { data } = await local.stripe.transfers.list();
    await local.stripe.transfers.createReversal(pick(data).id, {
      amount: pick([1, 50, 100]),
      refund_application_fee: pick([true, false]),
    });
  },
  async ({ pick, sellers }) => {
    const account = pick([undefined, ...sellers]);
    const payout = { amount: pick(AMOUNTS), currency: 'usd', method: pick(['standard', 'instant'] as const) };
    const { id } = await local.stripe.payouts.create(
      payout,
      account ? { stripeAccount: account } : undefined,
    );
    if (account === undefined && pick([true, false])) await local.stripe.payouts.cancel(id);
  },
  ({ pick }) => local.stripe.topups.create({ amount: pick(AMOUNTS), currency: 'usd' }),
  async ({ pick }) => {
    const fees = await local.stripe.applicationFees.list();
    await local.stripe.applicationFees.createRefund(pick(fees.data).id, { amount: pick([1, 5]) });
  },
  async ({ pick }) => {
    const { data } = await local.stripe.disputes.list();
    const word = pick(['winning_evidence', 'losing_evidence']);
    await local.stripe.disputes.update(pick(data).id, { evidence: { uncategorized_text: word } });
  },
  ({ pick }) => local.sim.clock.advance(pick([5, 3_600, DAY_SECONDS, 3 * DAY_SECONDS])),
];

it.each([1, 2, 3])(
  'whatever happens to money, every balance is the sum of its transactions (%i)',
  async (seed) => {
    const random = makeRandom(seed);
    const pick: Pick = (choices) => choices[Math.floor(random.chance() * choices.length)] as never;
    const closed = await makeSeller(local, { external_account: 'btok_us_verified_accountClosed' });
    const sellers = [(await makeSeller(local)).id, closed.id];
    const world: World = { pick, sellers, paid: [] };
    let happened = 0;
    await MOVES[0]?.(world);
    for (let step = 0; step < STEPS; step += 1)
      try {
        await pick(MOVES)(world);
        happened += 1;
      } catch (thrown) {
        // Refused by Stripe, or there was nothing yet to pick from.
        const refused = thrown instanceof Stripe.errors.StripeInvalidRequestError;
        if (!refused && !(thrown instanceof TypeError)) throw thrown;
      }
    // A run in which all was refused would show nothing.
    expect(happened).toBeGreaterThan(STEPS / 3);
    for (const account of [undefined, ...sellers]) await expectToAddUp(local, account);
    await local.sim.clock.advance(30 * DAY_SECONDS);
    for (const account of [undefined, ...sellers]) await expectToAddUp(local, account);
  },
);
