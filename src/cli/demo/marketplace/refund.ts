import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market } from './cast.ts';
import { chargeOf } from './sales.ts';

/** What the platform's API says of a refund. */
export interface RefundView {
  id: string;
  status: string;
  stripe_refund: string | null;
}

/** A quarter goes back: Ann gives her part of it, and the platform its fee on it. */
export async function partialRefund(market: Market): Promise<void> {
  const { screen, stage, books, ann } = market;
  screen.heading('A partial refund');
  await screen.step('a quarter of the cabin’s price goes back to the guest', async () => {
    const refund = await askForRefund(market, market.cabin, 21_000);
    expect(refund.status === 'succeeded', `the refund is ${refund.status}`);
    const order = await market.watch.until('the order to say so', async () => {
      const now = await stage.api<{ refunded: number; status: string }>(`/api/orders/${market.cabin}`);
      return now.refunded === 21_000 ? now : null;
    });
    return `${refund.stripe_refund}: 210.00 of 840.00, the order stays ${order.status}`;
  });
  await screen.step('Ann’s transfer was reversed by as much, with the fee on it', async () => {
    const charge = await chargeOf(market, market.cabin);
    const id = typeof charge.transfer === 'string' ? charge.transfer : (charge.transfer?.id ?? '');
    const transfer = await books.stripe().transfers.retrieve(id);
    expect(transfer.amount_reversed === 21_000, `${transfer.amount_reversed} of her transfer was reversed`);
    const { available } = await books.held(ann.account);
    expect(available === 75_600 + 5_400 - 18_900, `she has ${available}`);
    return `210.00 reversed, 21.00 of the fee given back: Ann has ${dollars(available)}`;
  });
}

export async function askForRefund({ stage }: Market, order: string, amount: number): Promise<RefundView> {
  const { status, body } = await stage.ask<RefundView>('POST', `/api/orders/${order}/refunds`, { amount });
  expect(status === 201 || status === 202, `answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
