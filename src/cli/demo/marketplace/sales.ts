import type Stripe from 'stripe';
import { redirectOf } from '../buyer.ts';
import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market, Owner } from './cast.ts';

/** Pays, and the money can be used at once: docs.stripe.com/testing, "bypass pending". */
const CARD = '4000 0000 0000 0077';

/** One home, one owner: Stripe sends the money on at once and keeps the platform's tenth for it. */
export async function rental(market: Market): Promise<void> {
  const { screen } = market;
  screen.heading('A week in Ann’s cabin (destination charge)');
  await screen.step('a guest pays 840.00 by Checkout; the order is fulfilled', async () => {
    market.cabin = await buy(market, { id: 'cabin' });
    return `${market.cabin}, fulfilled`;
  });
  await screen.step('Stripe kept the fee of 10 % for the platform, and Ann has the rest', async () => {
    const charge = await chargeOf(market, market.cabin);
    expect(charge.application_fee_amount === 8_400, `the fee is ${charge.application_fee_amount}`);
    const { available } = await market.books.held(market.ann.account);
    expect(available === 75_600, `she has ${available}`);
    return `84.00 for the platform, ${dollars(available)} for Ann`;
  });
  await screen.step('the platform sells an insurance of its own: all of it is the platform’s', async () => {
    const order = await buy(market, { id: 'insurance' });
    const { transfer, application_fee_amount: fee } = await chargeOf(market, order);
    expect(!transfer && !fee, 'somebody else got a part of it');
    return `250.00, ${order}`;
  });
}

/** Things of two owners in one cart: one charge of the platform's, a transfer to each once it is paid. */
export async function cartOfTwo(market: Market): Promise<void> {
  const { screen, ann, ben } = market;
  screen.heading('Ann’s kayak and Ben’s bikes in one cart (separate charge and transfers)');
  await screen.step('a guest pays 150.00 for both', async () => {
    market.cart = await buy(market, { items: [{ id: 'kayak' }, { id: 'bikes' }] });
    return `${market.cart}, fulfilled`;
  });
  await screen.step('each owner gets a transfer of their part, less 10 %, out of that charge', async () => {
    const { id: charge } = await chargeOf(market, market.cart);
    const sent = await market.watch.until('both transfers', async () => {
      const all = await Promise.all([ann, ben].map((owner) => transferOf(market, charge, owner)));
      return all.every((each) => each !== null) ? all : null;
    });
    const amounts = sent.map(({ amount }) => amount);
    expect(amounts.join() === '5400,8100', `transfers of ${amounts.join(' and ')}`);
    return `54.00 to Ann, 81.00 to Ben, 15.00 stay`;
  });
}

/** Buys, pays, waits until it is fulfilled. Returns the order. */
export async function buy(
  { buyer, watch }: Market,
  what: Record<string, unknown>,
  card = CARD,
  ...wanted: Parameters<typeof watch.orderIn>[1][]
): Promise<string> {
  const payment = await buyer.ask(what);
  redirectOf(await buyer.payWith(card, payment));
  await watch.orderIn(payment.order, 'fulfilled', ...wanted);
  return payment.order;
}

/** What Stripe has of an order's payment. */
export async function chargeOf({ watch, books }: Market, order: string): Promise<Stripe.Charge> {
  const { payment_intent: intent } = await watch.order(order);
  const { data } = await books.stripe().charges.list({ payment_intent: intent ?? '' });
  const paid = data.find(({ paid }) => paid);
  if (!paid) throw new Error(`Stripe has no charge of ${order}`);
  return paid;
}

/** The transfer that went to an owner out of a charge. */
export async function transferOf(
  { books }: Market,
  charge: string,
  { account }: Owner,
): Promise<Stripe.Transfer | null> {
  const { data } = await books.stripe().transfers.list({ destination: account, limit: 100 });
  return data.find(({ source_transaction: source }) => source === charge) ?? null;
}
