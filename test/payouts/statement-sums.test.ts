import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { balanceOf, readySeller, transactionsOf, type TestSeller } from '../support/marketplace.ts';
import { pay } from '../simulator/support/money.ts';
import { seededChoices, tryStep } from '../simulator/support/chance.ts';
import { runTimed, type TimedMarketplace } from './support.ts';
import { download, month, readCsv, statementOf } from './statement-reader.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

const AMOUNTS = [100, 999, 5_000, 33_333];
const CARDS = ['pm_card_visa', 'pm_card_bypassPending', 'pm_card_createDispute', 'pm_card_refundFail'];

/** Random things that happen to the money of two sellers; what Stripe refuses has not happened. */
async function live(shop: TimedMarketplace, sellers: TestSeller[], seed: number, steps: number) {
  const { one, upTo, sometimes } = seededChoices(seed);
  const { stripe } = shop;
  const paid: { intent: string; account: string | undefined }[] = [];
  const moves: (() => Promise<unknown>)[] = [
    async () => {
      const account = one([undefined, ...sellers.map((each) => each.account)]);
      const destination = one(sellers).account;
      const split = one([
        {},
        account ? { application_fee_amount: 33 } : {},
        account ? {} : { transfer_data: { destination }, application_fee_amount: upTo(99) },
      ]);
      const currency = one(['usd', 'usd', 'jpy', 'kwd']);
      const payment = { amount: one(AMOUNTS) * 10, currency, payment_method: one(CARDS), ...split };
      paid.push({ intent: (await pay({ stripe }, payment, account)).id, account });
    },
    async () => {
      const { intent, account } = one(paid);
      const flags = { reverse_transfer: sometimes(), refund_application_fee: sometimes() };
      const options = account ? { stripeAccount: account } : undefined;
      await stripe.refunds.create({ payment_intent: intent, amount: upTo(90) * 10, ...flags }, options);
    },
    async () => {
      const options = { stripeAccount: one(sellers).account };
      await stripe.payouts.create({ amount: upTo(5_000), currency: 'usd', method: 'instant' }, options);
    },
    async () => {
      const { data } = await stripe.disputes.list();
      const evidence = { uncategorized_text: one(['winning_evidence', 'losing_evidence']) };
      await stripe.disputes.update(one(data).id, { evidence });
    },
    () => shop.simulator.clock.advance(one([5, 3_600])),
  ];
  const likely = [...moves, ...Array.from({ length: 6 }, () => moves[0])] as typeof moves;
  for (let step = 0; step < steps; step += 1) await tryStep(one(likely));
}

const inMonth =
  (name: string) =>
  ({ created }: Stripe.BalanceTransaction): boolean =>
    new Date(created * 1000).toISOString().startsWith(name);

/** To noon of its third day. */
async function passToNextMonth(shop: TimedMarketplace): Promise<void> {
  const now = new Date(shop.simulator.clock.now());
  const third = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 3, 12);
  await shop.pass(Math.ceil((third - now.getTime()) / 1000));
}

describe('a statement', () => {
  it('agrees with Stripe’s transactions to the cent, month after month, for everybody', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    shop.simulator.faults.add({ kind: 'drop' }); // nobody listens here, so nobody need be told
    const bank = { external_account: 'btok_us_verified_accountClosed' };
    const sellers = [await readySeller(shop, 'ann'), await readySeller(shop, 'bob', bank)];
    // From the third of a month, so that all of the walk is in it, whatever day it is today.
    await passToNextMonth(shop);
    const first = month(shop);
    await live(shop, sellers, 7, 330);
    for (const { account } of sellers) await pay(shop, { transfer_data: { destination: account } });
    // Into the next month, wherever this one is; and on until all that was begun is booked.
    await passToNextMonth(shop);
    await live(shop, sellers, 8, 60);
    await shop.pass(3_600);
    const second = month(shop);
    expect(second > first).toBe(true);

    let mostLines = 0;
    for (const seller of [...sellers, null]) {
      const all = await transactionsOf(shop, seller?.account);
      const today = await balanceOf(shop, seller?.account);
      let opening: Record<string, number> = {};
      for (const name of [first, second]) {
        const told = await statementOf(shop, seller, name);
        const expected = all.filter(inMonth(name)).toReversed();
        expect(
          told.lines.map(({ balance_transaction: id, gross, fee, net, currency }) => [
            id,
            gross,
            fee,
            net,
            currency,
          ]),
        ).toEqual(expected.map(({ id, amount, fee, net, currency }) => [id, amount, fee, net, currency]));
        for (const { currency, category, lines, gross, fee, net } of told.totals) {
          const own = told.lines.filter(
            (line) => line.currency === currency && (category === 'all' || line.category === category),
          );
          const sum = (of: 'gross' | 'fee' | 'net'): number => own.reduce((so, each) => so + each[of], 0);
          expect([lines, gross, fee, net]).toEqual([own.length, sum('gross'), sum('fee'), sum('net')]);
        }
        for (const { currency, opening: before, closing } of told.balances) {
          expect(before).toBe(opening[currency] ?? 0);
          const net = told.totals.find((each) => each.currency === currency && each.category === 'all')?.net;
          expect(closing).toBe(before + (net ?? 0));
        }
        opening = Object.fromEntries(told.balances.map(({ currency, closing }) => [currency, closing]));
        expect(told).toMatchObject({
          month: name,
          complete: name === first,
          account: seller?.account ?? null,
        });
        const csv = readCsv(
          await (await download(shop, seller ? `sellers/${seller.id}/` : '', `month=${name}`)).text(),
        );
        expect(csv).toEqual({
          lines: told.lines,
          totals: told.totals.map(({ lines: _lines, ...rest }) => rest),
          balances: told.balances,
        });
        mostLines = Math.max(mostLines, told.lines.length);
      }
      const total = Object.entries(today).map(([currency, [available, pending]]) => [
        currency,
        available + pending,
      ]);
      expect(opening).toEqual(Object.fromEntries(total));
    }
    // Controls: there was more than a page, money of three kinds, and all that can happen did.
    expect(mostLines).toBeGreaterThan(100);
    const platform = await statementOf(shop, null, first);
    expect(platform.balances.map(({ currency }) => currency)).toEqual(['jpy', 'kwd', 'usd']);
    const bobs = await statementOf(shop, sellers[1] as TestSeller, first);
    const categories = new Set([...platform.lines, ...bobs.lines].map(({ category }) => category));
    expect([...categories].toSorted()).toEqual([
      'charges',
      'disputes',
      'fees',
      'payouts',
      'refunds',
      'transfers',
    ]);
  });
});
