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
  await screen.step('50.00 of the cart go back; the server is killed before the owners’ part', async () => {
    await books.control('POST', 'faults', { kind: 'slow', match: '/reversals', ms: HELD_MS });
    await askForRefund(market, cart, 5_000);
    await stage.killServer();
    await books.control('DELETE', 'faults');
    const charge = await chargeOf(market, cart);
    expect(charge.amount_refunded === 5_000, `Stripe refunded ${charge.amount_refunded}`);
    const reversed = (await transfersOf(market)).map((transfer) => transfer.amount_reversed);
    expect(reversed.join() === '0,0', `reversed already: ${reversed.join(' and ')}`);
    return 'the guest has 50.00 back, both owners still have all of theirs';
  });
  await screen.step('the server starts again and takes back what is due, once from each', async () => {
    await stage.startServer();
    const transfers = await market.watch.until('both reversals', async () => {
      const all = await transfersOf(market);
      return all.every((transfer) => transfer.amount_reversed > 0) ? all : null;
    });
    const reversed = transfers.map((transfer) => transfer.amount_reversed);
    expect(reversed.join() === '1800,2700', `reversed: ${reversed.join(' and ')}`);
    const calls = transfers.map(({ reversals }) => reversals.data.length);
    expect(calls.join() === '1,1', `reversed ${calls.join(' and ')} times`);
    return `${reversed.map(dollars).join(' from Ann and ')} from Ben, one reversal each`;
  });
}

async function transfersOf(market: Market): Promise<Stripe.Transfer[]> {
  const { id } = await chargeOf(market, market.cart);
  const all = await Promise.all([market.ann, market.ben].map((owner) => transferOf(market, id, owner)));
  return all.filter((transfer) => transfer !== null);
}
