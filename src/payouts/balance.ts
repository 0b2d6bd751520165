import type Stripe from 'stripe';

/** What an account has of one currency, in its smallest unit. */
export interface Balance {
  currency: string;
  /** Can be paid out, or sent back. Negative when the account owes. */
  available: number;
  /** Becomes available later. */
  pending: number;
  /** Can be paid out at once by an instant payout, fees of the platform taken off. */
  instant_available: number;
}

/**
 * An account's balance by currency, from Stripe. `stripe` speaks for the account.
 * Source: docs.stripe.com/api/balance
 */
export async function readBalance(stripe: Stripe): Promise<Balance[]> {
  const {
    available,
    pending,
    instant_available: instant = [],
  } = await stripe.balance.retrieve({
    expand: ['instant_available.net_available'],
  });
  const byCurrency = new Map<string, Balance>();
  const of = (currency: string): Balance => {
    const known = byCurrency.get(currency);
    const balance = known ?? { currency, available: 0, pending: 0, instant_available: 0 };
    if (!known) byCurrency.set(currency, balance);
    return balance;
  };
  for (const { currency, amount } of available) of(currency).available = amount;
  for (const { currency, amount } of pending) of(currency).pending = amount;
  for (const each of instant) of(each.currency).instant_available = netOf(each);
  return [...byCurrency.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

// By destination, when Stripe tells: the first is the default one.
function netOf({ amount, net_available: net }: Stripe.Balance.InstantAvailable): number {
  return net?.[0]?.amount ?? amount;
}
