import type Stripe from 'stripe';
import type { Read } from '../../http/request.ts';
import type { Problem } from '../../http/problem.ts';
import { askStripe } from '../refusals.ts';
import { isOfPayments } from './category.ts';
import type { Month } from './month.ts';

type Transaction = Stripe.BalanceTransaction;

const PAGE = 100;
const ANCHOR_TRIES = 5;
// What leads from a line to the payment behind it. Stripe follows a path in those sources that have it.
const EXPAND = [
  'data.source.source_transfer',
  'data.source.charge.source_transfer',
  'data.source.transfer',
  'data.source.fee',
];

/** An amount for each currency, in its smallest unit. */
export type Sums = Map<string, number>;

/** A month of an account at Stripe. */
export interface Walk {
  /** The balance at the end of the month; of a month that is not over, at the moment. */
  closing: Sums;
  /** The month's balance transactions, newest first, page by page: the next is read when it is asked for. */
  pages: AsyncGenerator<Transaction[], void>;
}

/**
 * Opens a month. Stripe tells the balance of now only, so that of the month's end is this less all that
 * happened since; both are taken at the same transaction, so that nothing between them is counted twice.
 * Reads one page after the other, so that a long statement leaves most of the read budget to others.
 * Problems: Stripe's, and `account_busy` (503).
 */
export async function openMonth(stripe: Stripe, month: Month): Promise<Read<Walk>> {
  const anchor = await askStripe(() => anchorOf(stripe));
  if ('problem' in anchor) return anchor;
  if (anchor.value === 'busy') return { problem: BUSY };
  const { newest, balance: closing } = anchor.value;
  if (!newest) return { value: { closing, pages: only([]) } };
  const since = await askStripe(() => takeOff(stripe, closing, newest, month.until));
  if ('problem' in since) return since;
  // The first page is read before anything is answered: what may be refused is refused here.
  const pages = pagesOf(stripe, newest, month);
  const first = await askStripe(() => pages.next());
  if ('problem' in first) return first;
  return { value: { closing, pages: startingWith(first.value, pages) } };
}

interface Anchor {
  newest: Transaction | null;
  balance: Sums;
}

async function anchorOf(stripe: Stripe): Promise<Anchor | 'busy'> {
  for (let tries = 0; tries < ANCHOR_TRIES; tries += 1) {
    const before = await newestOf(stripe);
    const balance = sumsOf(await stripe.balance.retrieve());
    const after = await newestOf(stripe);
    if (before?.id === after?.id) return { newest: after, balance };
  }
  return 'busy';
}

async function newestOf(stripe: Stripe): Promise<Transaction | null> {
  const { data } = await stripe.balanceTransactions.list({ limit: 1, expand: EXPAND });
  return data[0] ?? null;
}

function sumsOf({ available, pending }: Stripe.Balance): Sums {
  const sums: Sums = new Map();
  for (const { currency, amount } of [...available, ...pending]) addTo(sums, currency, amount);
  return sums;
}

export function addTo(sums: Sums, currency: string, amount: number): void {
  sums.set(currency, (sums.get(currency) ?? 0) + amount);
}

/** Takes off what happened at or after `until`. */
async function takeOff(stripe: Stripe, balance: Sums, newest: Transaction, until: number): Promise<void> {
  if (newest.created < until) return;
  const take = (transaction: Transaction): void => {
    if (isOfPayments(transaction)) addTo(balance, transaction.currency, -transaction.net);
  };
  take(newest);
  const later = { created: { gte: until }, starting_after: newest.id, limit: PAGE };
  for await (const transaction of stripe.balanceTransactions.list(later)) take(transaction);
}

async function* pagesOf(
  stripe: Stripe,
  newest: Transaction,
  { from, until }: Month,
): AsyncGenerator<Transaction[], void> {
  const inMonth = newest.created >= from && newest.created < until;
  let held = inMonth ? [newest] : [];
  let after = inMonth ? newest.id : undefined;
  for (;;) {
    const { data, has_more: more } = await stripe.balanceTransactions.list({
      created: { gte: from, lt: until },
      limit: PAGE,
      expand: EXPAND,
      ...(after === undefined ? {} : { starting_after: after }),
    });
    yield [...held, ...data];
    held = [];
    after = data.at(-1)?.id;
    if (!more || after === undefined) return;
  }
}

async function* startingWith(
  first: IteratorResult<Transaction[], void>,
  rest: AsyncGenerator<Transaction[], void>,
): AsyncGenerator<Transaction[], void> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function* only(page: Transaction[]): AsyncGenerator<Transaction[], void> {
  yield page;
}

const BUSY: Problem = {
  status: 503,
  code: 'account_busy',
  detail: 'So much happens on this account that its balance could not be told at one moment. Try again.',
  headers: { 'retry-after': '5' },
};
