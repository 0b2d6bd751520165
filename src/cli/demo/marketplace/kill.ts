import type Stripe from 'stripe';
import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market } from './cast.ts';
import { askForRefund } from './refund.ts';
import { chargeOf, transferOf } from './sales.ts';

// Longer than the kill takes, shorter than the rest of the demo.
const HELD_MS = 8_000;

/** The refund of a cart is two steps: the guest's money, then the owners' transfers. Killed in between. */
export async function killBetween(market: Market): Promise<void> {
  const { screen, stage, books, cart } = market;
  screen.heading('kill -9 between a refund and its reversals');
  let charge = '';
  await screen.step('50.00 of the cart go back; the server is killed before the owners’ part', async () => {
    charge = (await chargeOf(market, cart)).id;
    await books.control('POST', 'faults', { kind: 'slow', match: '/reversals', ms: HELD_MS });
    await askForRefund(market, cart, 5_000);
    await stage.killServer();
    await books.control('DELETE', 'faults');
    const { amount_refunded: refunded } = await books.stripe().charges.retrieve(charge);
    expect(refunded === 5_000, `Stripe refunded ${refunded}`);
    const reversed = (await transfersOf(market, charge)).map((transfer) => transfer.amount_reversed);
    expect(reversed.join() === '0,0', `reversed already: ${reversed.join(' and ')}`);
    return 'the guest has 50.00 back, both owners still have all of theirs';
  });
  await screen.step('the server starts again and takes back what is due, once from each', async () => {
    await stage.startServer();
    const transfers = await market.watch.until('both reversals', async () => {
      const all = await transfersOf(market, charge);
      return all.every((transfer) => transfer.amount_reversed > 0) ? all : null;
    });
    const reversed = transfers.map((transfer) => transfer.amount_reversed);
    expect(reversed.join() === '1800,2700', `reversed: ${reversed.join(' and ')}`);
    const calls = transfers.map(({ reversals }) => reversals.data.length);
    expect(calls.join() === '1,1', `reversed ${calls.join(' and ')} times`);
    return `${reversed.map(dollars).join(' from Ann and ')} from Ben, one reversal each`;
  });
}

async function transfersOf(market: Market, charge: string): Promise<Stripe.Transfer[]> {
  const all = await Promise.all([market.ann, market.ben].map((owner) => transferOf(market, charge, owner)));
  return all.filter((transfer) => transfer !== null);
}
