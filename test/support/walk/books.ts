import type Stripe from 'stripe';
import { balanceOf, transactionsOf } from '../marketplace.ts';
import { idOf } from '../../simulator/support/simulator.ts';

/** Everything that Stripe has of one account. */
export interface Books {
  /** Null: our own. */
  account: string | null;
  transactions: Stripe.BalanceTransaction[];
  /** Available and pending together, by currency. */
  holds: Sums;
  charges: Stripe.Charge[];
  refunds: Stripe.Refund[];
  disputes: Stripe.Dispute[];
  payouts: Stripe.Payout[];
  /** Of our own account only, each with its reversals. */
  transfers: Stripe.Transfer[];
  reversals: Stripe.TransferReversal[];
  applicationFees: Stripe.ApplicationFee[];
}

type Sums = Record<string, number>;

/** Reads what Stripe has, account by account, with nothing of ours in between. */
export async function readBooks(stripe: Stripe, accounts: readonly string[]): Promise<Books[]> {
  return Promise.all([null, ...accounts].map((account) => readAccount(stripe, account)));
}

async function readAccount(stripe: Stripe, account: string | null): Promise<Books> {
  const options = account ? { stripeAccount: account } : {};
  const all = { limit: 100 };
  const most = { limit: 10_000 };
  const transfers = account ? [] : await stripe.transfers.list(all).autoPagingToArray(most);
  const reversals: Stripe.TransferReversal[] = [];
  for (const { id, amount_reversed: reversed } of transfers) {
    if (reversed > 0) reversals.push(...(await stripe.transfers.listReversals(id, all)).data);
  }
  const holds: Sums = {};
  for (const [currency, [available, pending]] of Object.entries(
    await balanceOf({ stripe }, account ?? undefined),
  )) {
    holds[currency] = available + pending;
  }
  return {
    account,
    holds,
    transactions: await transactionsOf({ stripe }, account ?? undefined),
    charges: await stripe.charges.list(all, options).autoPagingToArray(most),
    refunds: await stripe.refunds.list(all, options).autoPagingToArray(most),
    disputes: await stripe.disputes.list(all, options).autoPagingToArray(most),
    payouts: await stripe.payouts.list(all, options).autoPagingToArray(most),
    transfers,
    reversals,
    applicationFees: account ? [] : await stripe.applicationFees.list(all).autoPagingToArray(most),
  };
}

/**
 * What is wrong with the money as a whole, by currency: everything that is held, Stripe's fees and what went
 * to banks must be what buyers paid less what went back to them; and each account must hold the sum of its
 * transactions.
 */
export function moneyProblems(books: readonly Books[]): string[] {
  const problems: string[] = [];
  const here: Sums = {};
  const paid: Sums = {};
  const isWaiting = books.some(({ refunds }) => refunds.some((refund) => !refund.balance_transaction));
  for (const each of books) {
    for (const [currency, amount] of Object.entries(each.holds)) add(here, currency, amount);
    for (const { currency, amount } of each.payouts.filter(isGone)) add(here, currency, amount);
    const sums: Sums = {};
    for (const { currency, net, type, fee_details: fees } of each.transactions) {
      add(sums, currency, net);
      // What Stripe takes of the platform for a seller's own charge.
      if (type === 'stripe_fee') add(here, currency, -net);
      // What the platform gave back of its fee is under way to the seller while a refund waits for money.
      if (isWaiting && type.startsWith('application_fee')) add(here, currency, -net);
      for (const fee of fees) {
        const counts = fee.type === 'stripe_fee' || (isWaiting && fee.type === 'application_fee');
        if (counts) add(here, currency, fee.amount);
      }
    }
    for (const currency of new Set([...Object.keys(sums), ...Object.keys(each.holds)])) {
      const [sum, held] = [sums[currency] ?? 0, each.holds[currency] ?? 0];
      if (sum !== held)
        problems.push(`${nameOf(each)} holds ${held} ${currency}, its transactions say ${sum}`);
    }
    addPaid(paid, each);
  }
  for (const currency of new Set([...Object.keys(here), ...Object.keys(paid)])) {
    const [is, should] = [here[currency] ?? 0, paid[currency] ?? 0];
    if (is !== should) problems.push(`${is} ${currency} are accounted for, buyers paid ${should}`);
  }
  return problems;
}

function addPaid(paid: Sums, { charges, refunds, disputes }: Books): void {
  const ofBuyers = charges.filter(isOfBuyer);
  const ids = new Set(ofBuyers.map(({ id }) => id));
  for (const { currency, amount } of ofBuyers) add(paid, currency, amount);
  for (const refund of refunds.filter(isBack)) {
    // One that waits for money in the account has not been booked.
    if (!refund.balance_transaction) continue;
    if (ids.has(idOf(refund.charge))) add(paid, refund.currency, -refund.amount);
  }
  for (const { balance_transactions: booked } of disputes) {
    for (const { currency, amount } of booked) add(paid, currency, amount);
  }
}

/** A buyer's own money: not what arrives at a seller by a transfer. */
export function isOfBuyer({ status, source_transfer: transfer }: Stripe.Charge): boolean {
  return status === 'succeeded' && !transfer;
}

/** A refund that counts, finished or not. */
export function isBack({ status }: Stripe.Refund): boolean {
  return status !== 'failed' && status !== 'canceled';
}

function isGone({ status }: Stripe.Payout): boolean {
  return status !== 'failed' && status !== 'canceled';
}

export function nameOf({ account }: Pick<Books, 'account'>): string {
  return account ?? 'our account';
}

function add(sums: Sums, currency: string, amount: number): void {
  sums[currency] = (sums[currency] ?? 0) + amount;
}
