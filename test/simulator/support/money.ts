import type Stripe from 'stripe';
import { expect } from 'vitest';
import type { Local } from './simulator.ts';

type Client = Pick<Local, 'stripe'>;

export const DAY_SECONDS = 24 * 3600;

/** A paid intent, of money that is available at once unless another card is named. */
export function pay(
  { stripe }: Client,
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
  account?: string,
): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create(
    {
      amount: 10_000,
      currency: 'usd',
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      expand: ['latest_charge'],
      ...more,
    },
    account ? { stripeAccount: account } : undefined,
  );
}

/** What an account has: available and pending, by currency. */
export async function balanceOf(
  { stripe }: Client,
  account?: string,
): Promise<Record<string, [number, number]>> {
  const options = account ? { stripeAccount: account } : undefined;
  const { available, pending } = await stripe.balance.retrieve({}, options);
  const waiting = new Map(pending.map(({ currency, amount }) => [currency, amount]));
  return Object.fromEntries(
    available.map(({ currency, amount }) => [currency, [amount, waiting.get(currency) ?? 0]]),
  );
}

/** The sum of an account's transactions must be its balance, in every currency. */
export async function expectToAddUp(local: Client, account?: string): Promise<void> {
  const options = account ? { stripeAccount: account } : undefined;
  const sums: Record<string, [number, number]> = {};
  for await (const each of local.stripe.balanceTransactions.list({ limit: 100 }, options)) {
    const sum = (sums[each.currency] ??= [0, 0]);
    sum[each.status === 'available' ? 0 : 1] += each.net;
    expect(each.net).toBe(each.amount - each.fee);
    expect(each.fee).toBe(each.fee_details.reduce((all, { amount }) => all + amount, 0));
  }
  expect(await balanceOf(local, account)).toMatchObject(sums);
}
